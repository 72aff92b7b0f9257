import type { Caller } from '../../contract/caller.ts'
import type { Listed, ListedKind } from '../../contract/tool.ts'
import type { Backend } from './backend.ts'

/** What clients call things, at the address of all sources and at that of each. */
const indexes = new WeakMap<readonly Listed[], ReadonlyMap<string, Listed>>()

/** The door's name of the prompt that a client means. */
export function promptName(backend: Backend, caller: Caller, name: string, source: string | undefined): string {
  const shown = find(backend, caller, 'prompt', name, source)
  if (shown) return shown.name
  // One that the caller may not use exists all the same, and is refused for that.
  return source === undefined ? `prompt:${name}` : `prompt:${source}__${name}`
}

/** The door's name of what has a URI: the resource by it, or what the sources say might have it; of these the first that the caller may read. */
export function resourceName(backend: Backend, caller: Caller, uri: string, source: string | undefined): string {
  const shown = find(backend, caller, 'resource', uri, source)
  if (shown) return shown.name
  const names = backend.resourceNames(uri, source)
  return names.find((name) => caller.grants.allows(name)) ?? names[0] ?? `resource/${uri}`
}

/** The door's name of the template that a client spells out, or else of the resource that has this URI. */
export const templateName = (backend: Backend, caller: Caller, uri: string, source: string | undefined): string =>
  find(backend, caller, 'template', uri, source)?.name ?? resourceName(backend, caller, uri, source)

function find(backend: Backend, caller: Caller, kind: ListedKind, name: string, source: string | undefined): Listed | undefined {
  const visible = backend.visibleListed(caller, kind)
  let index = indexes.get(visible)
  if (!index) {
    index = indexOf(visible)
    indexes.set(visible, index)
  }
  return index.get(keyOf(source, name))
}

const indexOf = (visible: readonly Listed[]): ReadonlyMap<string, Listed> =>
  new Map(
    visible.flatMap((one) => [
      [keyOf(undefined, one.shownName), one],
      [keyOf(one.source, one.localName), one],
    ]),
  )

/** No source has a name with a line feed. */
const keyOf = (source: string | undefined, name: string): string => `${source ?? ''}\n${name}`
