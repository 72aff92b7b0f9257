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
      const text = box.querySelector('pre')
      // Browsers lend the clipboard to safe origins only; elsewhere the text is marked, and a key copies it.
      const isCopied = await navigator.clipboard?.writeText(text.textContent).then(
        () => true,
        () => false,
      )
      if (!isCopied) getSelection().selectAllChildren(text)
      button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C'
      say(button.textContent)
      setTimeout(() => {
        button.textContent = 'Copy'
      }, 2_500)
    })
    box.append(button)
  }
}

/** Tell whoever listens to the page instead of seeing it. */
export function say(text) {
  document.querySelector('[data-say]').textContent = text
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
    const restore = placeIn(part)
    part.replaceWith(document.adoptNode(next))
    restore(next)
    enliven(next)
  }
}

const FOCUSABLE = 'a[href], button, summary, [tabindex="0"]'
const SCROLLED = '.table-frame, .log, .code pre'

/** Remember where somebody is in a part: the focus, and how far its frames are scrolled. @returns puts them there in the part that came instead */
function placeIn(part) {
  const focused = part.contains(document.activeElement) && document.activeElement
  const sign = focused && signOf(focused)
  const frames = [...part.querySelectorAll(SCROLLED)].map(({ scrollTop, scrollLeft }) => ({ scrollTop, scrollLeft }))
  return (next) => {
    if (focused) [...next.querySelectorAll(FOCUSABLE)].find((one) => signOf(one) === sign)?.focus({ preventScroll: true })
    for (const [index, frame] of [...next.querySelectorAll(SCROLLED)].entries()) Object.assign(frame, frames[index])
  }
}

/** What tells a thing that can be focused from its neighbours, also after it was drawn anew. */
const signOf = (one) => `${one.tagName} ${one.getAttribute('href')} ${one.getAttribute('aria-label') ?? one.textContent}`

/** Nothing is exchanged under somebody's hands. */
const isInUse = (part) =>
  (part.contains(document.activeElement) && document.activeElement.matches('input, select, textarea')) ||
  [...part.querySelectorAll('input, textarea')].some(isTyped) ||
  (!getSelection().isCollapsed && part.contains(getSelection().anchorNode))

const isTyped = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked

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

/** A page that stood open this long asks whether its session still holds before it sends a form, in ms. */
const DOUBTFUL_MS = 60_000
let knownAt = performance.now()

/** Nothing that was typed is lost to a session that ended meanwhile: the form stays, and goes on with the token of the next session. */
async function sendAgain(form, submitter) {
  const response = await fetch(location.href, { headers: { 'x-gatehouse-live': '1' } })
  if (new URL(response.url).pathname === '/sign-in') return showSignedOut()
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('[name="_csrf"]')
  if (fresh) for (const field of document.querySelectorAll('[name="_csrf"]')) field.value = fresh.value
  goOn(form, submitter)
}

function goOn(form, submitter) {
  knownAt = performance.now()
  document.getElementById('signed-out')?.remove()
  form.requestSubmit(submitter)
}

function showSignedOut() {
  const note = document.getElementById('signed-out') ?? document.createElement('div')
  const link = Object.assign(document.createElement('a'), { href: '/sign-in?next=/account', target: '_blank' })
  link.textContent = 'Sign in in another tab'
  note.id = 'signed-out'
  note.className = 'note'
  note.dataset.tone = 'warn'
  note.setAttribute('role', 'alert')
  note.replaceChildren('Your session has ended. ', link, ', then send this again: what you typed stays here.')
  document.getElementById('main').prepend(note)
  link.focus()
}

document.addEventListener(
  'submit',
  (event) => {
    const { target: form, submitter } = event
    if (form.getAttribute('method') !== 'post' || performance.now() - knownAt < DOUBTFUL_MS) return
    event.preventDefault()
    event.stopImmediatePropagation()
    sendAgain(form, submitter).catch(() => goOn(form, submitter))
  },
  { capture: true },
)

document.addEventListener('keydown', (event) => {
  const typing = event.target.matches?.('input, select, textarea')
  if (event.key === '/' && !typing) {
    const search = document.querySelector('input[type="search"]')
    if (search) {
      event.preventDefault()
      search.focus()
    }
  }
  if (event.key !== 'Escape') return
  for (const open of document.querySelectorAll('details.popup[open]')) {
    if (open.contains(event.target)) open.querySelector('summary').focus()
    open.open = false
  }
})

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.popup[open]')) if (!open.contains(event.target)) open.open = false
})

enliven(document)
if (document.body.dataset.topics) live(document.body.dataset.topics.split(' '))
