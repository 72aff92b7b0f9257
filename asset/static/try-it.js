// Sends a form without leaving the page, and exchanges the form and its result with what came back.
import { enliven } from './console.js'

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
  } finally {
    running = undefined
    region.removeAttribute('aria-busy')
    submitter?.removeAttribute('aria-busy')
  }
})

/** After a row was added or removed, stay where the person was; after a call, go to what it answered. */
function focusAfter(fresh, submitter, wasIn) {
  if (submitter?.name === '_edit') {
    const again = [...fresh.querySelectorAll('button[name="_edit"]')].find((one) => one.value === submitter.value)
    ;(again ?? (wasIn && document.getElementById(wasIn)))?.focus()
    return
  }
  const result = fresh.querySelector('#result')
  result?.scrollIntoView({ block: 'nearest' })
  ;(fresh.querySelector('[aria-invalid="true"]') ?? fresh.querySelector('[data-run]'))?.focus()
}
