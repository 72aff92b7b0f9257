// Suggests values for the arguments of a prompt and the variables of a template, as their server knows them. Without it they are typed.

/** How long somebody must have stopped typing, in ms. */
const PAUSE_MS = 250

let timer
let asking

const isField = (input) => input.form?.dataset.complete !== undefined && input.name.startsWith(`/${input.form.dataset.values}/`)

/** A step of a JSON pointer, as it was before it was escaped. */
const nameOf = ({ name, form }) =>
  name
    .slice(form.dataset.values.length + 2)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')

/** What is filled in besides. */
const othersOf = (input) =>
  [...input.form.elements]
    .filter((one) => one !== input && one.value !== '' && isField(one))
    .map((one) => [nameOf(one), one.value])

function show(input, values) {
  const list = document.getElementById(`${input.id}-values`) ?? document.createElement('datalist')
  list.id = `${input.id}-values`
  list.replaceChildren(...values.map((value) => new Option(value, value)))
  input.after(list)
  input.setAttribute('list', list.id)
}

async function suggest(input) {
  const { complete, about, what, values } = input.form.dataset
  asking?.abort()
  asking = new AbortController()
  const question = {
    ...JSON.parse(about),
    [what]: nameOf(input),
    value: input.value,
    [values]: Object.fromEntries(othersOf(input)),
  }
  const response = await fetch(complete, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': input.form.elements._csrf.value },
    body: JSON.stringify(question),
    signal: asking.signal,
  })
  // A server that suggests nothing is not asked again.
  if (!response.ok) delete input.form.dataset.complete
  else show(input, (await response.json()).values)
}

for (const kind of ['focusin', 'input']) {
  document.addEventListener(kind, ({ target }) => {
    clearTimeout(timer)
    if (!target.matches?.('input') || !isField(target)) return
    timer = setTimeout(() => {
      suggest(target).catch(() => {})
    }, PAUSE_MS)
  })
}
