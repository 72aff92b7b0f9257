import { isNode, type SchemaNode } from '../../../core/schema/schema-walk.ts'

/** A value of a document, and where it stands, so that whatever is wrong with it can be pointed at. */
export interface Site {
  readonly value: unknown
  /** Address of the part of the document; empty for the document itself. */
  readonly part: string
  /** JSON pointer (RFC 6901) into the part. */
  readonly pointer: string
}

/** A value within a value. `undefined` where there is none. */
export function inside(site: Site, ...keys: readonly (string | number)[]): Site {
  let { value, pointer } = site
  for (const key of keys) {
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as SchemaNode)[key] : undefined
    pointer += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
  }
  return { value, part: site.part, pointer }
}

/** Its pointer as people read it: with the address of the part in front where that is not the document itself. */
export const pointerOf = ({ part, pointer }: Site): string => (part === '' ? pointer : `${part}#${pointer}`)

/** Every value of an object with its key; nothing for what is no object. */
export const entriesOf = (site: Site): (readonly [string, Site])[] =>
  isNode(site.value) ? Object.keys(site.value).map((key) => [key, inside(site, key)] as const) : []

/** Every item of a list; nothing for what is no list. */
export const itemsOf = (site: Site): Site[] =>
  Array.isArray(site.value) ? site.value.map((_, index) => inside(site, index)) : []

/** A text within an object, one line or more, without characters that no one can see; empty where there is none. */
export function textOf(site: Site, key: string, most: number): string {
  const { value } = inside(site, key)
  return typeof value === 'string' ? trimmed(value, most) : ''
}

/** Without control characters, no longer than `most` characters. */
function trimmed(text: string, most: number): string {
  const clean = text.slice(0, most * 4).replace(/(?![\t\n])[\p{Cc}\p{Cf}]/gu, '')
  const bare = clean.trim()
  return (bare.length <= most ? bare : `${bare.slice(0, most - 1).trimEnd()}…`).toWellFormed()
}
