/** How much of a description a list shows, in characters. */
const DESCRIPTION_LIMIT = 2_000

/** What a definition from outside says under a field, cut to a length that lists can bear; empty where it says nothing. */
export function listedText(definition: Readonly<Record<string, unknown>>, field: string): string {
  const value = definition[field]
  if (typeof value !== 'string') return ''
  return value.length > DESCRIPTION_LIMIT ? `${value.slice(0, DESCRIPTION_LIMIT)}…` : value
}
