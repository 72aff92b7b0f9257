import type { BodyPlan } from '../../../../queue/api.lane.ts'

/** How a body of a media type is made. */
export function bodyKindOf(mediaType: string): BodyPlan['kind'] {
  const bare = essenceOf(mediaType)
  if (isJson(bare)) return 'json'
  if (bare === 'application/x-www-form-urlencoded') return 'form'
  if (bare === 'multipart/form-data') return 'multipart'
  return isText(bare) ? 'text' : 'binary'
}

/** Without parameters, in lower case. */
export const essenceOf = (mediaType: string): string => mediaType.split(';')[0]!.trim().toLowerCase()

export const isJson = (mediaType: string): boolean =>
  /^application\/(?:.+\+)?json$|^text\/json$|^\*\/\*$/.test(essenceOf(mediaType))

const isText = (bare: string): boolean =>
  bare.startsWith('text/') ||
  /[/+]xml$/.test(bare) ||
  /^application\/(?:(?:x-)?ndjson|jsonl|json-seq|graphql|yaml|x-yaml|javascript|sql|jwt)$/.test(bare)

const LIKING: readonly BodyPlan['kind'][] = ['json', 'form', 'multipart', 'text', 'binary']

/** Media types of bodies that a caller can give, the handiest first. */
export const byLiking = (mediaTypes: readonly string[]): string[] =>
  mediaTypes.toSorted((a, b) => LIKING.indexOf(bodyKindOf(a)) - LIKING.indexOf(bodyKindOf(b)))

/** A media type that can stand in a header. */
export const isMediaType = (text: string): boolean =>
  /^[\w.+*-]+\/[\w.+*-]+(?:\s*;\s*[\w-]+=(?:[\w.+/-]+|"[^"\r\n]*"))*$/.test(text)
