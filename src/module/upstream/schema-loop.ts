import { allNodes, isNode, resolveRef, type SchemaNode } from './schema-walk.ts'

/** Keywords whose schemas are judged against the same value as the schema that holds them. */
const SAME_VALUE_LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const SAME_VALUE = ['not', 'if', 'then', 'else'] as const
const SAME_VALUE_MAPS = ['dependentSchemas', 'dependencies'] as const
/** Deeper than this no honest schema is, and every walker of it would use up its stack. */
const MAX_DEPTH = 128

/**
 * Why a schema could never be judged; `undefined` when it can.
 *
 * A schema may refer to itself where it goes down into a value (a tree of nodes). Where it refers to itself without going down, judging
 * never ends.
 */
export function schemaLoop(root: unknown): string | undefined {
  if (isDeep(root)) return `it is nested deeper than ${MAX_DEPTH} levels`
  const done = new Set<SchemaNode>()
  const path = new Set<SchemaNode>()
  const loops = (node: unknown): boolean => {
    if (!isNode(node) || done.has(node)) return false
    // A chain of references as long as this is as good as endless.
    if (path.has(node) || path.size > 1_000) return true
    path.add(node)
    const found = sameValue(root, node).some(loops)
    path.delete(node)
    done.add(node)
    return found
  }
  return allNodes(root).some(loops) ? 'its $ref run in a circle' : undefined
}

function sameValue(root: unknown, node: SchemaNode): unknown[] {
  const next: unknown[] = []
  if (typeof node['$ref'] === 'string') next.push(resolveRef(root, node['$ref']))
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
