import type { Caller } from '../../contract/caller.ts'
import type { Backend } from './backend.ts'
import { resourceName } from './listed-names.ts'
import { isRecord } from './message.ts'

const UPDATED = 'notifications/resources/updated'

/**
 * Whether a caller may be told this outside of calls: of a resource hears nobody who may not read it any more, however long ago it was
 * subscribed to.
 *
 * @param source the one source of the address; `undefined` for all
 */
export function mayHear(backend: Backend, caller: Caller, source: string | undefined, method: unknown, params: unknown): boolean {
  const uri = method === UPDATED && isRecord(params) ? params['uri'] : undefined
  if (typeof uri !== 'string') return true
  // What is gone for now may come back, and says nothing meanwhile.
  const permit = backend.find(resourceName(backend, caller, uri, source))?.permit
  return permit === undefined || caller.grants.allows(permit)
}

/** The same of a message that was written before. */
export function mayHearText(backend: Backend, caller: Caller, source: string | undefined, json: string): boolean {
  if (!json.includes(UPDATED)) return true
  const { method, params } = JSON.parse(json) as { readonly method?: unknown; readonly params?: unknown }
  return mayHear(backend, caller, source, method, params)
}
