import { allNodes, isNode, resolveRef, type SchemaNode } from './schema-walk.ts'

/**
 * Why arguments cannot be judged by a schema; `undefined` when they can.
 *
 * Found before the first call, so that no argument can switch judging off.
 */
export function schemaGap(root: unknown): string | undefined {
  for (const node of allNodes(root)) {
    const gap = refGap(root, node) ?? patternGap(node)
    if (gap !== undefined) return gap
  }
  return undefined
}

function refGap(root: unknown, { $ref }: SchemaNode): string | undefined {
  if (typeof $ref !== 'string' || resolveRef(root, $ref) !== undefined) return undefined
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
