import { allNodes, createResolver, isNode, type Resolver, type SchemaNode } from './schema-walk.ts'

/**
 * Why arguments cannot be judged by a schema; `undefined` when they can.
 *
 * Found before the first call, so that no argument can switch judging off.
 */
export function schemaGap(root: unknown): string | undefined {
  const resolve = createResolver(root)
  for (const node of allNodes(root)) {
    const gap = refGap(resolve, node) ?? patternGap(node)
    if (gap !== undefined) return gap
  }
  return undefined
}

function refGap(resolve: Resolver, { $ref }: SchemaNode): string | undefined {
  if (typeof $ref !== 'string' || resolve($ref) !== undefined) return undefined
  return `it refers to ${$ref.slice(0, 100)}, which is not in the schema, and nothing is fetched`
}

function patternGap(node: SchemaNode): string | undefined {
  const patterns = isNode(node['patternProperties']) ? Object.keys(node['patternProperties']) : []
  if (typeof node['pattern'] === 'string') patterns.push(node['pattern'])
  const broken = patterns.find((pattern) => !compiles(pattern))
  return broken === undefined ? undefined : `its pattern ${broken.slice(0, 100)} is not a regular expression`
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}
