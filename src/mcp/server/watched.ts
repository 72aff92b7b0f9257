import { FAULTS } from '../../contract/fault.ts'
import { RpcError, type RpcRequest } from '../rpc.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** A session watches so many resources and no more. @throws RpcError */
export function requireRoomToWatch({ watched }: Session, { method, params }: RpcRequest, max: number): void {
  if (method !== 'resources/subscribe' || !watched || watched.size < max || watched.has(String(params?.['uri']))) return
  throw new RpcError(FAULTS.busy.rpc, `The session watches ${max} resources, which is the limit. Unsubscribe from some first.`)
}

/** Note what a session watches once the server has agreed to it. */
export function afterWatching({ keeper }: ServerState, session: Session, { method, params }: RpcRequest): void {
  if (method !== 'resources/subscribe' && method !== 'resources/unsubscribe') return
  const uri = String(params?.['uri'])
  if (method === 'resources/subscribe') {
    session.watched ??= new Set()
    session.watched.add(uri)
  } else session.watched?.delete(uri)
  keeper.change(session)
}
