/** One step of a JSON pointer, escaped (RFC 6901 section 3). */
export const escapeStep = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1')

/** The reverse of `escapeStep`. */
export const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')

/** The pointer to a child of what `parent` points to. */
export const childPointer = (parent: string, step: string | number): string => `${parent}/${escapeStep(String(step))}`
