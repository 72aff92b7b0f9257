import { allNodes, createResolver, isNode, type Resolver, type SchemaNode } from './schema-walk.ts'

/** Keywords whose schemas are judged against the same value as the schema that holds them. */
const SAME_VALUE_LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const SAME_VALUE = ['not', 'if', 'then', 'else'] as const
const SAME_VALUE_MAPS = ['dependentSchemas', 'dependencies'] as const
/** Deeper than this no honest schema is, and every walker of it would use up its stack. */
const MAX_DEPTH = 128
/** A chain of references as long as this is as good as endless. */
const MAX_CHAIN = 1_000
/** Schemas that one single value may have to be judged by. References that lead to references multiply: 40 pairs of them are 2⁴⁰. */
const MAX_WEIGHT = 20_000

/**
 * Why a schema could never be judged; `undefined` when it can.
 *
 * A schema may refer to itself where it goes down into a value (a tree of nodes). Where it refers to itself without going down, judging
 * never ends.
 */
export function schemaLoop(root: unknown): string | undefined {
  if (isDeep(root)) return `it is nested deeper than ${MAX_DEPTH} levels`
  const weigh = createScale(root)
  const weight = allNodes(root).reduce((most, node) => Math.max(most, weigh(node)), 0)
  if (weight === Number.POSITIVE_INFINITY) return 'its $ref run in a circle'
  return weight > MAX_WEIGHT ? `one value would have to be judged by more than ${MAX_WEIGHT} schemas` : undefined
}

/** By how many schemas a value is judged that is judged by a node; `Infinity` in a circle. */
function createScale(root: unknown): (node: unknown) => number {
  const resolve = createResolver(root)
  const weights = new Map<SchemaNode, number>()
  const path = new Set<SchemaNode>()
  const weigh = (node: unknown): number => {
    if (!isNode(node)) return 0
    const known = weights.get(node)
    if (known !== undefined) return known
    if (path.has(node) || path.size > MAX_CHAIN) return Number.POSITIVE_INFINITY
    path.add(node)
    const weight = sameValue(resolve, node).reduce<number>((sum, next) => sum + weigh(next), 1)
    path.delete(node)
    weights.set(node, weight)
    return weight
  }
  return weigh
}

function sameValue(resolve: Resolver, node: SchemaNode): unknown[] {
  const next: unknown[] = []
  if (typeof node['$ref'] === 'string') next.push(resolve(node['$ref']))
  for (const key of SAME_VALUE_LISTS) if (Array.isArray(node[key])) next.push(...node[key])
  for (const key of SAME_VALUE) next.push(node[key])
  for (const key of SAME_VALUE_MAPS) if (isNode(node[key])) next.push(...Object.values(node[key]))
  return next
}

function isDeep(root: unknown): boolean {
  let level: unknown[] = [root]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}
