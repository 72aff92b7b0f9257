// Sends a form without leaving the page, and exchanges the form and its result with what came back.
import { enliven, say } from './console.js'

/** A call that takes longer than this says so, and can be stopped, in ms. */
const LONG_MS = 500

let running

document.addEventListener('submit', async (event) => {
  const form = event.target
  const { submitter } = event
  const isEdit = submitter?.name === '_edit'
  const region = form.closest('[data-call]')
  // Other forms lead to another page anyway; there, only adding and removing rows stays in place.
  if (event.defaultPrevented || !region || !(isEdit || form.matches('[data-try]'))) return
  event.preventDefault()
  if (running) return
  const wasIn = document.activeElement?.id
  running = new AbortController()
  region.setAttribute('aria-busy', 'true')
  submitter?.setAttribute('aria-busy', 'true')
  form.querySelector('[data-progress]')?.remove()
  const done = isEdit ? () => {} : showProgress(form, running)
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form, submitter)),
      signal: running.signal,
    })
    if (response.redirected) return location.assign(response.url)
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(region.id)
    if (!fresh) return form.submit()
    region.replaceWith(document.adoptNode(fresh))
    enliven(fresh)
    focusAfter(fresh, submitter, wasIn)
  } catch (thrown) {
    if (thrown.name === 'AbortError') tell(form, 'Stopped. Whatever it did before that stays done.')
    else tell(form, 'The gateway did not answer. Nothing that you typed is lost; try again when it is back.')
  } finally {
    done()
    running = undefined
    region.removeAttribute('aria-busy')
    submitter?.removeAttribute('aria-busy')
  }
})

/** A line below a form. */
function tell(form, text) {
  const line = Object.assign(document.createElement('p'), { className: 'hint', textContent: text })
  line.dataset.progress = ''
  form.append(line)
  say(text)
}

/** How long a call runs, and a button that stops it. @returns takes both away */
function showProgress(form, { signal }) {
  const line = Object.assign(document.createElement('p'), { className: 'row hint' })
  const clock = Object.assign(document.createElement('span'), { className: 'number' })
  const stop = Object.assign(document.createElement('button'), {
    type: 'button',
    className: 'button button-small',
    textContent: 'Stop',
  })
  stop.addEventListener('click', () => running.abort())
  line.append(clock, stop)
  const beganAt = performance.now()
  const tick = () => {
    clock.textContent = `Running, ${Math.round((performance.now() - beganAt) / 1_000)} s`
  }
  let ticking
  const waiting = setTimeout(() => {
    tick()
    form.append(line)
    say('Running. It can be stopped below the form.')
    ticking = setInterval(tick, 1_000)
  }, LONG_MS)
  signal.addEventListener('abort', () => stop.remove())
  return () => {
    clearTimeout(waiting)
    clearInterval(ticking)
    line.remove()
  }
}

/** After a row was added or removed, stay where the person was; after a call, go to what it answered. */
function focusAfter(fresh, submitter, wasIn) {
  if (submitter?.name === '_edit') {
    const again = [...fresh.querySelectorAll('button[name="_edit"]')].find((one) => one.value === submitter.value)
    ;(again ?? (wasIn && document.getElementById(wasIn)))?.focus()
    return
  }
  const result = fresh.querySelector('#result')
  result?.scrollIntoView({ block: 'nearest' })
  if (result) say(`${result.querySelector('h2').textContent}: ${result.querySelector('.badge').textContent}`)
  ;(fresh.querySelector('[aria-invalid="true"]') ?? fresh.querySelector('[data-run]'))?.focus()
}
