import { allNodes, createResolver, isNode, type SchemaNode } from './schema-walk.ts'

/** Formats that the validator judges by expressions in which a short text can keep it busy for years. */
const DEAR_FORMATS = new Set(['uri', 'uri-reference', 'uri-template', 'url', 'regex'])
/** References that the validator follows where nobody here can look beforehand; the last are marks of its own that a schema may bring along. */
const FOLLOWED = ['$recursiveRef', '__absolute_ref__', '__absolute_recursive_ref__'] as const
/** So many values by so many parts of a schema are judged in a few milliseconds. */
const MUCH = 50_000
/** A chain of references as long as this is as good as endless. */
const MAX_CHAIN = 1_000

/** Whether judging by a schema may take out of all proportion to what is judged. */
export const isDear = (schema: unknown): boolean => allNodes(schema).some(isDearNode)

function isDearNode(node: SchemaNode): boolean {
  if (FOLLOWED.some((key) => key in node)) return true
  if (node['uniqueItems'] === true || DEAR_FORMATS.has(node['format'] as string)) return true
  const patterns = isNode(node['patternProperties']) ? Object.keys(node['patternProperties']) : []
  if (typeof node['pattern'] === 'string') patterns.push(node['pattern'])
  return !patterns.every(isPlainPattern)
}

/** Begins at the beginning, has no groups, no alternatives and at most one quantifier that could give back: linear in any text. */
function isPlainPattern(pattern: string): boolean {
  if (!pattern.startsWith('^')) return false
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x')
  if (/[()|]/.test(bare)) return false
  return (bare.replace(/\{\d+\}/g, '').match(/[*+?{]/g) ?? []).length <= 1
}

/**
 * How many parts of a schema a value may have to be judged by, with everything below it; what is referred to counts wherever it is. `Infinity`
 * where a schema contains itself: two such references in it double the work with every level of the value.
 */
export function weightOf(root: unknown): number {
  const resolve = createResolver(root)
  const weights = new Map<object, number>()
  const path = new Set<object>()
  const weigh = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 1
    const known = weights.get(value)
    if (known !== undefined) return known
    if (path.has(value) || path.size > MAX_CHAIN) return Number.POSITIVE_INFINITY
    path.add(value)
    const { $ref } = value as SchemaNode
    const parts = Object.values(value)
    if (typeof $ref === 'string') parts.push(resolve($ref))
    const weight = parts.reduce<number>((sum, part) => sum + weigh(part), 1)
    path.delete(value)
    weights.set(value, weight)
    return weight
  }
  return weigh(root)
}

/** Whether there is so much to judge that it takes long by a schema of that weight. */
export function isMuch(args: unknown, weight: number): boolean {
  const most = MUCH / weight
  const waiting: unknown[] = [args]
  for (let count = 1; waiting.length > 0; count += 1) {
    if (count > most) return true
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    const values = Array.isArray(value) ? value : Object.values(value)
    if (count + waiting.length + values.length > most) return true
    for (const each of values) waiting.push(each)
  }
  return false
}
