/** Whether a path, as it is sent, fits a template such as `/pets/{id}`; a parameter stands for one step, or part of one. */
export function matchesTemplate(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = path.split('/')
  return wanted.length === given.length && wanted.every((step, index) => stepFits(step, given[index]!))
}

/** How many steps of a template are written out: `/pets/mine` goes before `/pets/{id}`. */
export const fixedSteps = (template: string): number => template.split('/').filter((step) => !step.includes('{')).length

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
  if (!wanted.includes('{')) return decoded(wanted) === decoded(given)
  const [head = '', ...rest] = wanted.split(/\{[^}]*\}/)
  return given.length > head.length && given.startsWith(head) && given.endsWith(rest.at(-1) ?? '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
