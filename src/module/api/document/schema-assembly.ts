import type { JsonSchema } from '../../../contract/tool.ts'
import type { SchemaBook } from './schema-book.ts'
import { mergeSchemas } from './schema-merge.ts'
import { mapSchemas, schemasIn } from './schema-parts.ts'

/** How large a schema may become, in characters of JSON. */
interface Sizes {
  /** Up to this everything is written where it is used: many clients do not follow references. */
  readonly inline: number
  /** Beyond this, further parts are not described. */
  readonly most: number
}

/** A part as small as this is written out everywhere. */
const SMALL = 300
/** Deeper than this nothing is written out. */
const MAX_DEPTH = 10
const MAX_CHAIN = 500

/**
 * Makes whole schemas out of a book: with everything in place, or where that becomes too much or goes in circles, with `$defs`.
 *
 * @throws Misfit, when used, where a part of it cannot be converted
 */
export function createAssembly(book: SchemaBook, sizes: Sizes): (root: JsonSchema) => JsonSchema {
  const expanded = new Map<string, number>()

  /** Characters of a schema with everything written out; `Infinity` where it goes in circles. */
  const sizeOf = (node: JsonSchema, path: readonly string[]): number =>
    namesIn(node).reduce((sum, name) => sum + sizeOfNamed(name, path), JSON.stringify(node).length)

  const sizeOfNamed = (name: string, path: readonly string[]): number => {
    const known = expanded.get(name)
    if (known !== undefined) return known
    if (path.includes(name) || path.length > MAX_CHAIN) return Number.POSITIVE_INFINITY
    const size = sizeOf(book.get(name), [...path, name])
    expanded.set(name, size)
    return size
  }

  return (root) => {
    const limit = sizeOf(root, []) <= sizes.inline ? sizes.inline : SMALL
    return write(root, { book, sizes, isInline: (name) => sizeOfNamed(name, []) <= limit })
  }
}

/** Names of the schemas that a schema refers to, as often as it does. */
function namesIn(node: JsonSchema): string[] {
  const own = typeof node['$ref'] === 'string' ? [node['$ref']] : []
  return [...own, ...schemasIn(node).flatMap(namesIn)]
}

interface Desk {
  readonly book: SchemaBook
  readonly sizes: Sizes
  readonly isInline: (name: string) => boolean
}

function write(root: JsonSchema, { book, sizes, isInline }: Desk): JsonSchema {
  const keys = createKeys()
  const place = (node: JsonSchema, depth: number): JsonSchema => {
    const { $ref, ...rest } = mapSchemas(node, (each) => place(each, depth + 1))
    if (typeof $ref !== 'string') return rest
    if (!isInline($ref) || depth > MAX_DEPTH) return { ...rest, $ref: `#/$defs/${keys.of($ref)}` }
    return mergeSchemas(place(book.get($ref), depth + 1), rest)
  }
  const whole = place(root, 0)
  let left = sizes.most - JSON.stringify(whole).length
  const defs: [string, JsonSchema][] = []
  for (const [name, key] of keys.all) {
    const schema = left > 0 ? place(book.get(name), 0) : outline(book.get(name))
    left -= JSON.stringify(schema).length
    defs.push([key, schema])
  }
  return defs.length === 0 ? whole : { ...whole, $defs: Object.fromEntries(defs) }
}

/** What is left of a schema that is not described any more. */
function outline({ type }: JsonSchema): JsonSchema {
  const description = 'Not described further: it would become too long.'
  return typeof type === 'string' ? { type, description, ...(type === 'array' ? { items: {} } : {}) } : { description }
}

/** Short names for `$defs`, given in the order in which they are asked for. */
function createKeys(): { readonly all: ReadonlyMap<string, string>; of(name: string): string } {
  const all = new Map<string, string>()
  const taken = new Set<string>()
  const of = (name: string): string => {
    const known = all.get(name)
    if (known !== undefined) return known
    const last = name.slice(name.lastIndexOf('/') + 1)
    const bare = last.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60) || 'schema'
    let key = bare
    for (let count = 2; taken.has(key); count += 1) key = `${bare}_${count}`
    taken.add(key)
    all.set(name, key)
    return key
  }
  return { all, of }
}
