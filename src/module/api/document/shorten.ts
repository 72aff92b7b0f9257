import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { mapSchemas, schemasIn } from './schema-parts.ts'

/** How much of a schema is left. */
interface Cut {
  /** Characters of each description further in. */
  readonly words: number
  /** Deeper than this only types are told. */
  readonly depth: number
  /** From this depth on words are shortened. */
  readonly inner: number
}

/** One after another, until it fits: what lies deep is missed least, then words, then the rest. */
const CUTS: readonly Omit<Cut, 'inner'>[] = [
  { words: 100, depth: Number.POSITIVE_INFINITY },
  ...[8, 6, 5, 4].map((depth) => ({ words: 100, depth })),
  ...[4, 3, 2].map((depth) => ({ words: 0, depth })),
]
/**
 * A schema with its `$defs` within so many characters of JSON, as far as that goes. It accepts whatever it accepted.
 *
 * A tool's schema is read by a model each time that tools are listed, and some documents describe hundreds of fields for one answer.
 *
 * @param inner from this depth on words are shortened: 2 keeps those of the arguments of a tool
 */
export function shorten(schema: JsonSchema, most: number, inner: number): JsonSchema {
  if (JSON.stringify(schema).length <= most) return schema
  let shorter = schema
  for (const cut of CUTS) {
    shorter = whole(schema, { ...cut, inner })
    if (JSON.stringify(shorter).length <= most) break
  }
  return shorter
}

function whole({ $defs, ...root }: JsonSchema, cut: Cut): JsonSchema {
  const schema = shortened(root, 0, cut)
  const defs = isNode($defs) ? ($defs as Readonly<Record<string, JsonSchema>>) : {}
  const kept = new Map<string, JsonSchema>()
  const names = new Set(namesIn(schema))
  for (const name of names) {
    const each = shortened(defs[name]!, cut.inner, cut)
    kept.set(name, each)
    for (const further of namesIn(each)) names.add(further)
  }
  return kept.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(kept) }
}

function shortened(node: JsonSchema, depth: number, cut: Cut): JsonSchema {
  const { type } = node
  const isBranch = node['$ref'] !== undefined || schemasIn(node).length > 0
  if (depth >= cut.depth && isBranch) return typeof type === 'string' ? { type, ...(type === 'array' ? { items: {} } : {}) } : {}
  const shorter = mapSchemas(node, (each) => shortened(each, depth + 1, cut))
  return depth < cut.inner ? shorter : withShortWords(shorter, cut.words)
}

function withShortWords({ description, examples: _, ...rest }: JsonSchema, most: number): JsonSchema {
  if (typeof description !== 'string' || most === 0) return rest
  const short = description.length <= most ? description : `${description.slice(0, most - 1).trimEnd()}…`.toWellFormed()
  return { description: short, ...rest }
}

const PREFIX = '#/$defs/'

function namesIn(node: JsonSchema): string[] {
  const own = typeof node['$ref'] === 'string' ? [node['$ref'].slice(PREFIX.length)] : []
  return [...own, ...schemasIn(node).flatMap(namesIn)]
}
