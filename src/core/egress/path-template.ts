/** Whether a path, as it is sent, fits a template such as `/pets/{id}`; a parameter stands for one step, or part of one. Whole addresses too. */
export function matchesTemplate(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = path.split('/')
  return wanted.length === given.length && wanted.every((step, index) => stepFits(step, given[index]!))
}

/**
 * Whether a server that is not strict may take a path for one that fits a template: many do not tell capitals from small letters, or
 * `/pets/` from `/pets`.
 */
export const resembles = (template: string, path: string): boolean => matchesTemplate(loosely(template), loosely(path))

const loosely = (path: string): string => path.split('/').map(decoded).join('/').toLowerCase().replace(/\/$/, '')

/** Whether some path may fit both of two templates. */
export function mayMeet(one: string, other: string): boolean {
  const own = one.split('/')
  const steps = other.split('/')
  return own.length === steps.length && own.every((step, index) => step.includes('{') || stepFits(steps[index]!, step))
}

/** Which of two templates is written out more, for sorting: `/pets/mine` goes before `/pets/{id}:draw`, and that before `/pets/{id}`. */
export const byFixed = (a: string, b: string): number => fixedSteps(b) - fixedSteps(a) || fixedChars(b) - fixedChars(a)

const fixedSteps = (template: string): number => template.split('/').filter((step) => step !== '' && !step.includes('{')).length

const fixedChars = (template: string): number => template.replace(/\{[^}]*\}|\/$/g, '').length

/**
 * Steps that a server might read as other steps than the gateway does: a path with one is not looked at further, because the right to one
 * operation could reach another.
 */
export const isAmbiguous = (path: string): boolean =>
  path.split('/').some((step, index, steps) => {
    const plain = step.replace(/%2e/gi, '.')
    const isInner = index > 0 && index < steps.length - 1
    return plain === '.' || plain === '..' || (isInner && step === '') || /%2f|%5c|%00|[\\;]|%(?![0-9a-f]{2})/i.test(step)
  })

function stepFits(wanted: string, given: string): boolean {
  const plain = decoded(given)
  if (!wanted.includes('{')) return decoded(wanted) === plain
  const [head = '', ...rest] = wanted.split(/\{[^}]*\}/).map(decoded)
  const tail = rest.at(-1) ?? ''
  return plain.length > head.length + tail.length && plain.startsWith(head) && plain.endsWith(tail)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
