import { allNodes, isNode, type SchemaNode } from '../../../core/schema/schema-walk.ts'
import { referringMembers } from './referring-members.ts'

/** Stands for the address of a document that has none. */
const NOWHERE = 'https://document.invalid/'

/** Where everything is that a document names: addresses of schemas (`$id`) and names within them (`$anchor`), as pointers into the document. */
interface Names {
  readonly pointers: Map<string, string>
  /** How often each dynamic anchor stands in the document. */
  readonly dynamic: Map<string, number>
}

/**
 * A document whose schemas refer to each other by pointers alone: `$id` gives a schema an address of its own, which references below it start
 * from, and by which others may find it without fetching anything (JSON Schema 2020-12, 8.2). The very same where nothing is named so.
 *
 * A dynamic reference becomes a plain one where its anchor stands once, since nothing can override it then.
 *
 * @param url address of the document; null where it has none
 */
export function withoutIds(value: unknown, url: string | null): unknown {
  if (!allNodes(value).some(isNaming)) return value
  const base = url ?? NOWHERE
  const names: Names = { pointers: new Map(), dynamic: new Map() }
  collect(value, '', '', base, names)
  return rewritten(value, '', base, base, names)
}

const isNaming = (node: SchemaNode): boolean => typeof node['$id'] === 'string' || typeof node['$dynamicRef'] === 'string'

function collect(value: unknown, name: string, pointer: string, outer: string, names: Names): void {
  if (Array.isArray(value)) value.forEach((each, index) => void collect(each, '', `${pointer}/${index}`, outer, names))
  if (!isNode(value)) return
  const base = baseOf(value, outer)
  const add = (address: string): void => void (names.pointers.has(address) || names.pointers.set(address, pointer))
  if (base !== outer || pointer === '') add(base)
  const { $anchor, $dynamicAnchor } = value
  for (const anchor of [$anchor, $dynamicAnchor]) if (typeof anchor === 'string') add(`${base}#${anchor}`)
  if (typeof $dynamicAnchor === 'string') names.dynamic.set($dynamicAnchor, (names.dynamic.get($dynamicAnchor) ?? 0) + 1)
  for (const [key, each] of referringMembers(value, name)) collect(each, key, `${pointer}/${escaped(key)}`, base, names)
}

function rewritten(value: unknown, name: string, outer: string, document: string, names: Names): unknown {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, '', outer, document, names))
  if (!isNode(value)) return value
  const base = baseOf(value, outer)
  const within = Object.fromEntries(
    referringMembers(value, name).map(([key, each]) => [key, rewritten(each, key, base, document, names)]),
  )
  const ref = value['$ref'] ?? dynamicRef(value, names)
  return { ...value, ...within, ...(typeof ref === 'string' && { $ref: pointing(ref, base, document, names) }) }
}

function dynamicRef({ $dynamicRef }: SchemaNode, { dynamic }: Names): string | undefined {
  if (typeof $dynamicRef !== 'string') return undefined
  return dynamic.get($dynamicRef.slice($dynamicRef.indexOf('#') + 1)) === 1 ? $dynamicRef : undefined
}

/** A reference as a pointer; what leads out of the document as a whole address, where it does not start at the document anyway. */
function pointing(ref: string, base: string, document: string, { pointers }: Names): string {
  const url = URL.parse(ref, base)
  if (url === null) return ref
  const fragment = url.hash.slice(1)
  url.hash = ''
  const isPointer = fragment === '' || fragment.startsWith('/')
  const found = pointers.get(isPointer ? url.href : `${url.href}#${fragment}`)
  if (found !== undefined) return `#${encodeURI(found)}${isPointer ? fragment : ''}`
  return base === document || base.startsWith(NOWHERE) ? ref : new URL(ref, base).href
}

/** A fragment in `$id` names nothing that is not named already. */
function baseOf({ $id }: SchemaNode, outer: string): string {
  const url = typeof $id === 'string' ? URL.parse($id, outer) : null
  if (url === null) return outer
  url.hash = ''
  return url.href
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
