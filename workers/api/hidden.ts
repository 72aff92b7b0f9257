/** Shorter values are too common to be taken out without harm. */
const SHORTEST = 8

/** Take out what must not be seen: APIs that echo what they were sent would hand the credential to the caller. */
export function hide(text: string, values: readonly string[]): string {
  return values.filter((value) => value.length >= SHORTEST).reduce((left, value) => left.replaceAll(value, '[hidden]'), text)
}
