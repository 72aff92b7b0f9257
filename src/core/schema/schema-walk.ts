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

/** Finds what a reference within a document points at. */
export type Resolver = (ref: string) => unknown

/** Looks up JSON pointers (RFC 6901), anchors and `$id`s of a document, which is walked once. Nothing is ever fetched. */
export function createResolver(root: unknown): Resolver {
  let names: ReadonlyMap<string, SchemaNode> | undefined
  return (ref) => {
    const fragment = ref.startsWith('#') ? decodeFragment(ref.slice(1)) : undefined
    if (fragment === '') return root
    if (fragment?.startsWith('/')) return atPointer(root, fragment)
    names ??= namesOf(root)
    return (fragment === undefined ? undefined : names.get(`#${fragment}`)) ?? names.get(ref)
  }
}

/** Every `$id` as it stands, every `$anchor` behind a `#`; the first of a name counts. */
function namesOf(root: unknown): ReadonlyMap<string, SchemaNode> {
  const names = new Map<string, SchemaNode>()
  const add = (name: string, node: SchemaNode): void => void (names.has(name) || names.set(name, node))
  for (const node of allNodes(root)) {
    if (typeof node['$id'] === 'string') add(node['$id'], node)
    if (typeof node['$anchor'] === 'string') add(`#${node['$anchor']}`, node)
  }
  return names
}

function atPointer(root: unknown, pointer: string): unknown {
  let at = root
  for (const part of pointer.slice(1).split('/')) {
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
