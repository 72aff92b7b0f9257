/** A URI template (RFC 6570), taken apart once: that costs far more than to compare it, and there may be thousands. */
export interface UriTemplate {
  /**
   * Whether a URI may have come out of it.
   *
   * Generous on purpose: an expression stands for any text. It only helps to find the server that is asked, and runs in linear time,
   * because templates and URIs come from outside.
   */
  fits(uri: string): boolean
  /** How much of it is fixed: the more, the likelier is a URI that fits meant for it. */
  readonly literalChars: number
}

/** Read a template. Anything is one. */
export function readTemplate(template: string): UriTemplate {
  const literals = template.split(/\{[^{}]*\}/)
  const first = literals[0]!
  const last = literals.at(-1)!
  const literalChars = literals.join('').length
  if (literals.length === 1) return { fits: (uri) => uri === first, literalChars }
  return {
    fits: (uri) =>
      uri.length >= first.length + last.length && uri.startsWith(first) && uri.endsWith(last) && fitsBetween(literals, uri),
    literalChars,
  }
}

/** The literals between the first and the last stand in their order. */
function fitsBetween(literals: readonly string[], uri: string): boolean {
  let at = literals[0]!.length
  const end = uri.length - literals.at(-1)!.length
  for (const literal of literals.slice(1, -1)) {
    const found = uri.indexOf(literal, at)
    if (found === -1 || found + literal.length > end) return false
    at = found + literal.length
  }
  return true
}
