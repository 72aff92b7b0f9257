/** An object within a JSON Schema document. */
export type SchemaNode = Readonly<Record<string, unknown>>

export const isNode = (value: unknown): value is SchemaNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every object of a document, without recursion, because its depth is somebody else's choice. */
export function allNodes(root: unknown): SchemaNode[] {
  const nodes: SchemaNode[] = []
  const waiting: unknown[] = [root]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (Array.isArray(value)) for (const each of value) waiting.push(each)
    else if (isNode(value)) {
      nodes.push(value)
      for (const each of Object.values(value)) waiting.push(each)
    }
  }
  return nodes
}

/** What a reference within the document points at: a JSON pointer (RFC 6901), an anchor or an `$id`. Nothing is ever fetched. */
export function resolveRef(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return allNodes(root).find((node) => node['$id'] === ref)
  const fragment = decodeFragment(ref.slice(1))
  if (fragment === '') return root
  if (!fragment.startsWith('/')) return allNodes(root).find((node) => node['$anchor'] === fragment || node['$id'] === ref)
  let at: unknown = root
  for (const part of fragment.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  }
  return at
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
