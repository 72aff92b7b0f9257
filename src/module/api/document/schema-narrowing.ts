import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../../contract/tool.ts'
import { createResolver, isNode, type Resolver } from '../../../core/schema/schema-walk.ts'

/** Something that one schema accepts and another does not. */
export interface Narrowing {
  /** Names on the way to it, with dots; empty for the whole. */
  readonly path: string
  readonly kind: 'required' | 'gone' | 'closed' | 'type' | 'enum' | 'limit' | 'unclear'
  /** The keyword, or the two types. */
  readonly detail: string
}

const MINIMA = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const
const MAXIMA = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const
const FIXED = ['pattern', 'multipleOf', 'uniqueItems', 'format'] as const
/** Comparisons of two nodes, after which it is left at that. */
const MOST_STEPS = 20_000
const MOST_DEPTH = 40

interface Walk {
  readonly ofWide: Resolver
  readonly ofNarrow: Resolver
  readonly seen: Set<string>
  steps: number
}

/** Where `narrow` refuses what `wide` accepts, as far as comparing keywords tells. */
export function narrowings(wide: JsonSchema, narrow: JsonSchema): Narrowing[] {
  const walk = { ofWide: createResolver(wide), ofNarrow: createResolver(narrow), seen: new Set<string>(), steps: 0 }
  const found = compare(wide, narrow, '', 0, walk)
  if (walk.steps <= MOST_STEPS) return found
  return [...found, { path: '', kind: 'unclear', detail: 'it is too large to compare whole' }]
}

function compare(wide: JsonSchema, narrow: JsonSchema, path: string, depth: number, walk: Walk): Narrowing[] {
  walk.steps += 1
  if (walk.steps > MOST_STEPS || depth > MOST_DEPTH) return []
  const pair = `${String(wide['$ref'])} ${String(narrow['$ref'])}`
  if (wide['$ref'] !== undefined || narrow['$ref'] !== undefined) {
    if (wide['$ref'] !== undefined && narrow['$ref'] !== undefined && walk.seen.has(pair)) return []
    walk.seen.add(pair)
    return compare(opened(wide, walk.ofWide), opened(narrow, walk.ofNarrow), path, depth + 1, walk)
  }
  if (Array.isArray(wide['anyOf']) || Array.isArray(narrow['anyOf'])) return compareChoices(wide, narrow, path, depth, walk)
  return [
    ...compareType(wide, narrow, path),
    ...compareValues(wide, narrow, path),
    ...compareObject(wide, narrow, path, depth, walk),
    ...within(wide['items'], narrow['items'], `${path}[]`, depth, walk),
    ...listOf(narrow['allOf']).flatMap((each) =>
      listOf(wide['allOf']).some((own) => isDeepStrictEqual(own, each)) ? [] : compare(wide, each, path, depth + 1, walk),
    ),
  ]
}

function opened(node: JsonSchema, resolve: Resolver): JsonSchema {
  const { $ref, ...rest } = node
  const target = typeof $ref === 'string' ? resolve($ref) : undefined
  return isNode(target) ? { ...target, ...rest } : rest
}

const listOf = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isNode) : [])

/** Each choice that there was has to fit one that there is. */
function compareChoices(wide: JsonSchema, narrow: JsonSchema, path: string, depth: number, walk: Walk): Narrowing[] {
  const before = choicesOf(wide)
  const after = choicesOf(narrow)
  return before.flatMap((own) => {
    const each = after.map((other) => compare(own, other, path, depth + 1, walk))
    return each.toSorted((a, b) => a.length - b.length)[0] ?? []
  })
}

function choicesOf({ anyOf, ...rest }: JsonSchema): JsonSchema[] {
  return Array.isArray(anyOf) ? listOf(anyOf).map((each) => ({ ...rest, ...each })) : [rest]
}

function compareType(wide: JsonSchema, narrow: JsonSchema, path: string): Narrowing[] {
  const [before, after] = [wide['type'], narrow['type']]
  if (after === undefined || before === after || (before === 'integer' && after === 'number')) return []
  return [{ path, kind: 'type', detail: `${String(before ?? 'anything')} → ${String(after)}` }]
}

function compareValues(wide: JsonSchema, narrow: JsonSchema, path: string): Narrowing[] {
  const found: Narrowing[] = []
  const before = wide['enum']
  if (Array.isArray(narrow['enum'])) {
    const gone = Array.isArray(before) ? before.filter((each) => !(narrow['enum'] as unknown[]).includes(each)) : null
    if (gone === null) found.push({ path, kind: 'enum', detail: 'a fixed list' })
    else if (gone.length > 0) found.push({ path, kind: 'enum', detail: gone.slice(0, 5).map(String).join(', ') })
  }
  const limit = (keyword: string): void => void found.push({ path, kind: 'limit', detail: keyword })
  for (const key of MINIMA) if (isBeyond(narrow[key], wide[key], 1)) limit(key)
  for (const key of MAXIMA) if (isBeyond(narrow[key], wide[key], -1)) limit(key)
  for (const key of FIXED) if (narrow[key] !== undefined && narrow[key] !== wide[key]) limit(key)
  return found
}

const isBeyond = (after: unknown, before: unknown, sign: 1 | -1): boolean =>
  typeof after === 'number' && (typeof before !== 'number' || (after - before) * sign > 0)

function compareObject(wide: JsonSchema, narrow: JsonSchema, path: string, depth: number, walk: Walk): Narrowing[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const given = new Set(Array.isArray(wide['required']) ? wide['required'] : [])
  const found = (Array.isArray(narrow['required']) ? (narrow['required'] as string[]) : [])
    .filter((name) => !given.has(name))
    .map((name): Narrowing => ({ path: at(name), kind: 'required', detail: '' }))
  const after = isNode(narrow['properties']) ? narrow['properties'] : {}
  for (const [name, own] of Object.entries(isNode(wide['properties']) ? wide['properties'] : {})) {
    const other = Object.hasOwn(after, name) ? after[name] : narrow['additionalProperties']
    if (other === false) found.push({ path: at(name), kind: 'gone', detail: '' })
    else found.push(...within(own, other, at(name), depth, walk))
  }
  const isClosed = narrow['additionalProperties'] === false && wide['additionalProperties'] !== false && wide['type'] === 'object'
  return isClosed ? [...found, { path, kind: 'closed', detail: '' }] : found
}

const within = (wide: unknown, narrow: unknown, path: string, depth: number, walk: Walk): Narrowing[] =>
  isNode(wide) && isNode(narrow) ? compare(wide, narrow, path, depth + 1, walk) : []
