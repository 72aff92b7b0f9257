import { allNodes, isNode, type SchemaNode } from './schema-walk.ts'

/** Formats that the validator judges by expressions in which a short text can keep it busy for years. */
const DEAR_FORMATS = new Set(['uri', 'uri-reference', 'uri-template', 'url', 'regex'])
/** Judging this many values takes a few milliseconds. */
const MANY_VALUES = 2_000

/** Whether judging by a schema may take out of all proportion to what is judged. */
export const isDear = (schema: unknown): boolean => allNodes(schema).some(isDearNode)

function isDearNode(node: SchemaNode): boolean {
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

/** Whether there is so much to judge that it takes long by any schema. */
export function isMuch(args: unknown): boolean {
  const waiting: unknown[] = [args]
  for (let count = 0; waiting.length > 0; count += 1) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    const values = Array.isArray(value) ? value : Object.values(value)
    if (count + waiting.length + values.length > MANY_VALUES) return true
    for (const each of values) waiting.push(each)
  }
  return false
}
