/** A value within a parameter or a form as text: what is no text, number or truth value is written as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return value === null || value === undefined ? '' : JSON.stringify(value).toWellFormed()
}

/** Everything but unreserved characters as `%XX` (RFC 3986, 2.3). */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)

/** The same, but reserved characters stay, save those that would end a value: `&`, `#`, and `+`, which is read as a space. */
export const reservedKept = (text: string): string =>
  percentEncoded(text).replace(/%(?:3A|2F|3F|5B|5D|40|21|24|27|28|29|2A|2C|3B|3D)/g, (each) => decodeURIComponent(each))

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Members of an object that say something. */
export const membersOf = (value: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(value).filter(([, each]) => each !== undefined && each !== null)

/** Items of a list that say something. */
export const itemsOf = (value: readonly unknown[]): unknown[] => value.filter((each) => each !== undefined && each !== null)
