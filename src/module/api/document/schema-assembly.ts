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

  const keys = createKeys()
  const written = new Map<number, Writing>()

  return (root) => {
    const limit = sizeOf(root, []) <= sizes.inline ? sizes.inline : SMALL
    const desk = { book, keys, isInline: (name: string) => sizeOfNamed(name, []) <= limit }
    const writing = written.get(limit) ?? writingWith(desk)
    written.set(limit, writing)
    return together(write(root, desk), writing, sizes.most, desk)
  }
}

/** Names of the schemas that a schema refers to, as often as it does. */
function namesIn(node: JsonSchema): string[] {
  const own = typeof node['$ref'] === 'string' ? [node['$ref']] : []
  return [...own, ...schemasIn(node).flatMap(namesIn)]
}

interface Desk {
  readonly book: SchemaBook
  readonly keys: Keys
  readonly isInline: (name: string) => boolean
}

/** A schema with small parts in their places, and the names of the others that it refers to. */
interface Written {
  readonly schema: JsonSchema
  readonly uses: ReadonlySet<string>
  readonly size: number
}

function write(root: JsonSchema, { book, keys, isInline }: Desk): Written {
  const uses = new Set<string>()
  const place = (node: JsonSchema, depth: number): JsonSchema => {
    const { $ref, ...rest } = mapSchemas(node, (each) => place(each, depth + 1))
    if (typeof $ref !== 'string') return rest
    if (isInline($ref) && depth <= MAX_DEPTH) return mergeSchemas(place(book.get($ref), depth + 1), rest)
    uses.add($ref)
    return { ...rest, $ref: `#/$defs/${keys.of($ref)}` }
  }
  const schema = place(root, 0)
  return { schema, uses, size: JSON.stringify(schema).length }
}

/** Parts of a document, whole and with what is required alone. */
interface Writing {
  readonly whole: (name: string) => Written
  readonly needed: (name: string) => Written
}

const writingWith = (desk: Desk): Writing => ({
  whole: remembering((name) => write(desk.book.get(name), desk)),
  needed: remembering((name) => write(needed(desk.book.get(name)), desk)),
})

/** Operations of one document share most of their parts, so each is written once. */
function remembering(make: (name: string) => Written): (name: string) => Written {
  const known = new Map<string, Written>()
  return (name) => {
    const made = known.get(name) ?? make(name)
    known.set(name, made)
    return made
  }
}

/** A schema and the parts that it refers to; from `most` characters on with what is required alone, from twice as many on with nothing. */
function together(root: Written, writing: Writing, most: number, desk: Desk): JsonSchema {
  const { book, keys } = desk
  const names = new Set(root.uses)
  const defs: [string, JsonSchema][] = []
  let left = most - root.size
  for (const name of names) {
    if (left <= -most) {
      defs.push([keys.of(name), outline(book.get(name))])
      continue
    }
    const { schema, uses, size } = left > 0 ? writing.whole(name) : writing.needed(name)
    for (const each of uses) names.add(each)
    left -= size
    defs.push([keys.of(name), schema])
  }
  return defs.length === 0 ? root.schema : { ...root.schema, $defs: Object.fromEntries(defs) }
}

/** A schema with what has to be given, and room for the rest. */
function needed(node: JsonSchema): JsonSchema {
  const { description: _, examples: __, properties, required, additionalProperties: ___, ...rest } = node
  const names = new Set(Array.isArray(required) ? required : [])
  const kept = Object.entries((properties ?? {}) as JsonSchema).filter(([name]) => names.has(name))
  const bare = {
    ...rest,
    ...(kept.length > 0 ? { properties: Object.fromEntries(kept) } : {}),
    ...(names.size > 0 ? { required: [...names] } : {}),
  }
  return mapSchemas(bare, needed)
}

/** What is left of a schema that is not described any more. */
function outline({ type }: JsonSchema): JsonSchema {
  const description = 'Not described further: it would become too long.'
  return typeof type === 'string' ? { type, description, ...(type === 'array' ? { items: {} } : {}) } : { description }
}

/** Short names for `$defs`, one for each name, whoever asks. */
interface Keys {
  of(name: string): string
}

function createKeys(): Keys {
  const all = new Map<string, string>()
  const taken = new Set<string>()
  const make = (name: string): string => {
    const bare =
      name
        .slice(name.lastIndexOf('/') + 1)
        .replace(/[^A-Za-z0-9_-]+/g, '_')
        .slice(0, 60) || 'schema'
    let key = bare
    for (let count = 2; taken.has(key); count += 1) key = `${bare}_${count}`
    taken.add(key)
    all.set(name, key)
    return key
  }
  return { of: (name) => all.get(name) ?? make(name) }
}
