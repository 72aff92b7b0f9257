import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError } from '../rpc.ts'
import { cancelCall } from './call.ts'
import { doorCall } from './door-call.ts'
import type { ListKind } from './lists.ts'
import { isLogLevel, LOG_LEVEL_LIST } from './log-level.ts'
import { isRecord } from './message.ts'
import type { Method, Notice } from './method.ts'
import { tellOfRoots } from './tell-of-roots.ts'

/** Requests of a session, by method. `initialize` is not among them: it makes the session. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['ping', () => '{}'],
  ['tools/list', list('tool')],
  ['prompts/list', list('prompt')],
  ['resources/list', list('resource')],
  ['resources/templates/list', list('template')],
  ['tools/call', doorCall],
  ['prompts/get', doorCall],
  ['resources/read', doorCall],
  ['resources/subscribe', doorCall],
  ['resources/unsubscribe', doorCall],
  ['completion/complete', doorCall],
  ['tasks/get', doorCall],
  ['tasks/result', doorCall],
  ['tasks/list', doorCall],
  ['tasks/cancel', doorCall],
  ['logging/setLevel', setLevel],
])

/** What a session may be asked before `notifications/initialized` (MCP 2025-11-25, lifecycle). */
export const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(['ping'])

/** Notifications that mean something here, by method; all others are accepted and forgotten. */
export const NOTICES: ReadonlyMap<string, Notice> = new Map<string, Notice>([
  ['notifications/initialized', initialized],
  ['notifications/cancelled', cancelled],
  ['notifications/roots/list_changed', rootsChanged],
])

/** One page; from then on the client knows the list as it is. */
function list(kind: ListKind): Method {
  return ({ state: { lists, keeper }, caller, session }, { params }) => {
    const page = lists.page(kind, caller, session.source, params?.['cursor'], session.key)
    const fingerprint = lists.fingerprint(kind, caller, session.source, session.key)
    if (session.known[kind] !== fingerprint) {
      session.known = { ...session.known, [kind]: fingerprint }
      keeper.change(session)
    }
    return page
  }
}

function setLevel({ state, session }: Parameters<Method>[0], { params }: Parameters<Method>[1]): string {
  const level = params?.['level']
  if (!isLogLevel(level)) throw new RpcError(RPC.invalidParams, `The field level must be one of ${LOG_LEVEL_LIST}.`)
  session.level = level
  state.keeper.change(session)
  return '{}'
}

function initialized({ session }: Parameters<Notice>[0]): void {
  session.initialized = true
}

/** A request that is unknown or has ended is no error: the two messages may have crossed. */
function cancelled({ session }: Parameters<Notice>[0], { params }: Parameters<Notice>[1]): void {
  const id = params?.['requestId']
  const call = session.calls?.find((each) => each.id === id)
  if (call) cancelCall(call, new Fault('cancelled', 'The client took the call back.'))
}

function rootsChanged({ state, session }: Parameters<Notice>[0]): void {
  if (!isRecord(session.capabilities['roots'])) return
  session.rootsStale = true
  tellOfRoots(state, session)
}
