// The editor of a function: line numbers, indenting, and problems while one types. Without it the page is a plain form.

/** How long nobody types before the source is checked, in ms. */
const PAUSE_MS = 600
const INDENT = '  '

const problems = document.querySelector('[data-problems]')
// The form is exchanged whenever a row is added to one of its lists.
let root
let draft
let source
let numbers
let place
let state

function findParts() {
  root = document.getElementById('editor')
  draft = root.querySelector('[data-draft]')
  source = draft.querySelector('#source')
  numbers = draft.querySelector('[data-editor-lines]')
  place = draft.querySelector('[data-editor-place]')
  state = draft.querySelector('[data-editor-state]')
  for (const hint of draft.querySelectorAll('[data-with-script]')) hint.hidden = false
}

findParts()
const savedAs = fingerprint()

function fingerprint() {
  return JSON.stringify([...new FormData(draft)].filter(([name]) => name.startsWith('/')))
}

const isDirty = () => fingerprint() !== savedAs

/* Line numbers */

function numberLines() {
  const count = source.value.split('\n').length
  while (numbers.childElementCount > count) numbers.lastElementChild.remove()
  while (numbers.childElementCount < count) {
    const line = document.createElement('span')
    line.textContent = numbers.childElementCount + 1
    numbers.append(line)
  }
  numbers.scrollTop = source.scrollTop
}

function showPlace() {
  const before = source.value.slice(0, source.selectionStart).split('\n')
  place.textContent = `line ${before.length}, column ${before.at(-1).length + 1}`
}

function goTo(line, column) {
  const lines = source.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  source.focus()
  source.setSelectionRange(start + Math.max(0, (column ?? 1) - 1), start + Math.max(0, (column ?? 1) - 1))
  const lineHeight = source.scrollHeight / Math.max(1, lines.length)
  source.scrollTop = Math.max(0, (line - 3) * lineHeight)
  showPlace()
}

/* Problems */

function markLines(found) {
  const bad = new Map(found.filter(({ line }) => line !== null).map(({ line, message }) => [line, message]))
  for (const [index, line] of [...numbers.children].entries()) {
    const message = bad.get(index + 1)
    line.toggleAttribute('data-bad', message !== undefined)
    line.title = message ?? ''
  }
  source.setAttribute('aria-invalid', bad.size > 0 ? 'true' : 'false')
}

const icon = (name, tone) => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', `icon ${tone}`)
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `/static/icon.svg#${name}`)
  svg.append(use)
  return svg
}

function problemItem({ in: where, line, column, message }) {
  const item = document.createElement('li')
  const text = document.createElement('div')
  text.className = 'grow wrap'
  const lead = document.createElement(line === null ? 'span' : 'button')
  lead.textContent = line === null ? where : `Line ${line}${column === null ? '' : `, column ${column}`}`
  if (line === null) lead.className = 'strong'
  else {
    lead.type = 'button'
    lead.className = 'link strong'
    lead.addEventListener('click', () => goTo(line, column))
  }
  text.append(lead, ` ${message}`)
  item.append(icon('alert', 'tone-bad'), text)
  return item
}

function showProblems(found) {
  markLines(found.filter((one) => one.in === 'source'))
  state.textContent = found.length === 0 ? 'compiles' : found.length === 1 ? '1 problem' : `${found.length} problems`
  if (found.length === 0) {
    const fine = document.createElement('p')
    fine.className = 'row row-tight'
    fine.append(icon('check', 'tone-good'), 'Nothing is wrong with it.')
    problems.replaceChildren(fine)
    return
  }
  const list = document.createElement('ul')
  list.className = 'alert-list small'
  list.append(...found.map(problemItem))
  problems.replaceChildren(list)
}

function showRefusal(message) {
  const text = document.createElement('p')
  text.className = 'small tone-bad wrap'
  text.textContent = message
  state.textContent = 'not checked'
  problems.replaceChildren(text)
}

let timer
let checking

/** The last check wins: one that was overtaken is called off. */
async function check() {
  clearTimeout(timer)
  checking?.abort()
  const mine = new AbortController()
  checking = mine
  state.textContent = 'checking…'
  try {
    const response = await fetch(`/api/functions/${encodeURIComponent(root.dataset.function)}/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': draft.elements._csrf.value },
      body: JSON.stringify({ source: source.value, language: draft.elements['/language'].value }),
      signal: mine.signal,
    })
    const answer = await response.json()
    if (response.ok) showProblems(answer.problems)
    else showRefusal(answer.detail ?? answer.title ?? 'It could not be checked.')
  } catch (error) {
    if (error.name !== 'AbortError') showRefusal('The gateway could not be reached.')
  }
}

function checkSoon() {
  clearTimeout(timer)
  checking?.abort()
  timer = setTimeout(check, source.value.trim() === '' ? PAUSE_MS * 2 : PAUSE_MS)
}

/* Keys: Tab indents, but never holds anybody: after Escape it leaves. */

let leaving = false

function edit(text, start, end) {
  source.setSelectionRange(start, end)
  // The one way that keeps the browser's undo.
  if (!document.execCommand('insertText', false, text)) source.setRangeText(text, start, end, 'end')
}

function indent(back) {
  const { selectionStart: start, selectionEnd: end, value } = source
  if (start === end && !back) return edit(INDENT, start, end)
  const first = value.lastIndexOf('\n', start - 1) + 1
  const lines = value.slice(first, end).split('\n')
  const changed = lines.map((line) => (back ? line.replace(/^ {1,2}|^\t/, '') : line === '' ? line : INDENT + line)).join('\n')
  if (changed === lines.join('\n')) return
  edit(changed, first, end)
  source.setSelectionRange(first, first + changed.length)
}

function onKey(event) {
  const withControl = event.ctrlKey || event.metaKey
  if (event.key === 'Escape') leaving = true
  else if (event.key === 'Tab' && !leaving && !withControl && !event.altKey) {
    event.preventDefault()
    indent(event.shiftKey)
  } else if (event.key === 'Enter' && !event.isComposing && !withControl) {
    event.preventDefault()
    const before = source.value.slice(0, source.selectionStart)
    const margin = /^[ \t]*/.exec(before.slice(before.lastIndexOf('\n') + 1))[0]
    edit(`\n${margin}${/[{([]$/.test(before) ? INDENT : ''}`, source.selectionStart, source.selectionEnd)
  } else if (event.key === 's' && withControl) {
    event.preventDefault()
    draft.requestSubmit(draft.querySelector('.button-main'))
  } else if (event.key !== 'Shift') leaving = false
}

const showUnsaved = () => {
  draft.querySelector('[data-unsaved]').hidden = !isDirty()
}

function attach() {
  source.addEventListener('keydown', onKey)
  source.addEventListener('blur', () => {
    leaving = false
  })
  source.addEventListener('input', () => {
    numberLines()
    checkSoon()
  })
  source.addEventListener('scroll', () => {
    numbers.scrollTop = source.scrollTop
  })
  for (const name of ['keyup', 'click', 'focus', 'input']) source.addEventListener(name, showPlace)
  draft.addEventListener('input', showUnsaved)
  draft.elements['/language'].addEventListener('change', checkSoon)
  numberLines()
  showUnsaved()
}

/* Forms around it */

document.addEventListener('gatehouse:part', ({ detail }) => {
  if (detail.id !== 'editor') return
  findParts()
  attach()
})

document.addEventListener(
  'submit',
  (event) => {
    const form = event.target
    if (form.matches('[data-check]')) {
      event.preventDefault()
      check()
    } else if (form.matches('[data-test]')) trySource(form)
    else if (form.matches('[data-publish]') && isDirty() && !confirm('Publish the draft without what is not saved yet?'))
      event.preventDefault()
    else if (form === draft && event.submitter?.name !== '_edit') leavingPage = true
  },
  // Before the form is sent in place.
  true,
)

/** A test takes what stands in the editor, saved or not. */
function trySource(form) {
  for (const name of ['/source', '/language']) {
    const field = form.elements[name] ?? form.appendChild(document.createElement('input'))
    field.type = 'hidden'
    field.name = name
    field.value = draft.elements[name].value
  }
}

let leavingPage = false
addEventListener('beforeunload', (event) => {
  if (!leavingPage && isDirty()) event.preventDefault()
})

attach()
const given = [...problems.querySelectorAll('[data-line]')].map((item) => ({
  line: Number(item.dataset.line),
  message: item.textContent.trim(),
}))
if (given.length > 0) markLines(given)
else check()
