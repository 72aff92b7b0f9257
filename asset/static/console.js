// Niceties of every page: live parts, copying, asking before what cannot be undone. Everything works without them but being live.

/** The least time between two refreshes, in ms. */
const REFRESH_MS = 1_000

const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** Titles of times in the reader's own zone. */
function localTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) time.title = zoned.format(new Date(time.dateTime))
}

function copyButtons(root) {
  for (const box of root.querySelectorAll('[data-copyable]:not([data-ready])')) {
    box.dataset.ready = ''
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'button button-small copy'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(box.querySelector('pre').textContent)
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = 'Copy'
      }, 1_500)
    })
    box.append(button)
  }
}

/** Make a freshly arrived part of the page as good as one that was there from the start. */
export function enliven(root) {
  localTimes(root)
  copyButtons(root)
  document.dispatchEvent(new CustomEvent('gatehouse:part', { detail: root }))
}

/** Fetch this page anew and exchange the parts that live by one of `topics`. */
async function refresh(topics) {
  const response = await fetch(location.href, { headers: { 'x-gatehouse-live': '1' } })
  if (!response.ok || response.redirected) return
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of document.querySelectorAll('[data-live]')) {
    const wanted = part.dataset.live.split(' ').some((topic) => topics.has(topic))
    const next = part.id && fresh.getElementById(part.id)
    if (!wanted || !next || isInUse(part)) continue
    for (const open of part.querySelectorAll('details[open][id]'))
      next.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '')
    part.replaceWith(document.adoptNode(next))
    enliven(next)
  }
}

/** Nothing is exchanged under somebody's hands. */
const isInUse = (part) =>
  (part.contains(document.activeElement) && document.activeElement.matches('input, select, textarea')) ||
  (!getSelection().isCollapsed && part.contains(getSelection().anchorNode))

function live(topics) {
  const light = document.querySelector('[data-live-state]')
  const changed = new Set()
  let source
  let timer
  let wasOpen = false
  const show = (on) => {
    if (!light) return
    light.dataset.state = on ? 'on' : 'off'
    light.firstElementChild.textContent = on ? 'Live' : 'Not live; reload to see news'
  }
  const flush = () => {
    timer = undefined
    const topics = new Set(changed)
    changed.clear()
    refresh(topics).catch(() => show(false))
  }
  const everything = () => {
    for (const topic of topics) changed.add(topic)
    if (timer === undefined) timer = setTimeout(flush, 0)
  }
  const open = () => {
    source = new EventSource('/events')
    source.addEventListener('open', () => {
      show(true)
      // Whatever happened while there was no connection was not heard.
      if (wasOpen) everything()
      wasOpen = true
    })
    source.addEventListener('error', () => show(false))
    for (const topic of topics) {
      source.addEventListener(topic, () => {
        changed.add(topic)
        if (timer === undefined) timer = setTimeout(flush, REFRESH_MS)
      })
    }
  }
  const close = () => {
    source?.close()
    source = undefined
    show(false)
  }
  // A tab that nobody looks at holds no connection: browsers allow only few to one host.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return close()
    if (source) return
    open()
  })
  addEventListener('pagehide', close)
  if (!document.hidden) open()
}

document.addEventListener('submit', (event) => {
  const question = event.target.dataset.confirm
  if (question && !confirm(question)) event.preventDefault()
})

document.addEventListener('keydown', (event) => {
  const typing = event.target.matches?.('input, select, textarea')
  if (event.key === '/' && !typing) {
    const search = document.querySelector('input[type="search"]')
    if (search) {
      event.preventDefault()
      search.focus()
    }
  }
  if (event.key === 'Escape') for (const open of document.querySelectorAll('details.popup[open]')) open.open = false
})

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.popup[open]')) if (!open.contains(event.target)) open.open = false
})

enliven(document)
if (document.body.dataset.topics) live(document.body.dataset.topics.split(' '))
