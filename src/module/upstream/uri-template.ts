/**
 * Whether a URI may have come out of a URI template (RFC 6570).
 *
 * Generous on purpose: an expression stands for any text. It only helps to find the server that is asked, and runs in linear time,
 * because templates and URIs come from outside.
 */
export function fitsTemplate(template: string, uri: string): boolean {
  const literals = literalsOf(template)
  const first = literals[0]!
  if (literals.length === 1) return uri === first
  const last = literals.at(-1)!
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false
  let at = first.length
  const end = uri.length - last.length
  for (const literal of literals.slice(1, -1)) {
    const found = uri.indexOf(literal, at)
    if (found === -1 || found + literal.length > end) return false
    at = found + literal.length
  }
  return true
}

/** How much of a template is fixed: the more, the likelier is a URI that fits meant for it. */
export const literalChars = (template: string): number => literalsOf(template).join('').length

const literalsOf = (template: string): readonly string[] => template.split(/\{[^{}]*\}/)
