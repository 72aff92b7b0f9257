import { Fault } from '../../contract/fault.ts'
import type { Entry, Progress } from '../../contract/visit.ts'
import type { Call } from './call.ts'
import { isLoudEnough } from './log-level.ts'
import { isId, isRecord } from './message.ts'
import { notificationText } from './response-text.ts'

type Params = Readonly<Record<string, unknown>>

/** What a call brings to the door besides caller, name and arguments. */
export function callEntry(call: Call, params: Params, requestId: string): Entry {
  const meta = isRecord(params['_meta']) ? params['_meta'] : undefined
  const token = meta?.['progressToken']
  const extra = extraParams(params, meta)
  const malformed = params['arguments'] !== undefined && !isRecord(params['arguments'])
  return {
    transport: 'mcp',
    requestId,
    sessionKey: call.session.key,
    signal: call.controller.signal,
    notify: (method, body) => relay(call, method, body),
    ...(isId(token) && {
      progress: (progress: Progress) => send(call, 'notifications/progress', { ...progress, progressToken: token }),
    }),
    ...(extra && { extra }),
    ...(malformed && { malformed: new Fault('invalid', 'The field arguments must be an object.') }),
  }
}

/** A notification of an upstream that belongs to the call; log messages only from the level on that the client asked for. */
function relay(call: Call, method: string, body: unknown): void {
  const level = isRecord(body) ? body['level'] : undefined
  if (method === 'notifications/message' && !isLoudEnough(level, call.session.level)) return
  send(call, method, body)
}

function send(call: Call, method: string, body: unknown): void {
  if (!call.settled) call.exchange.notify(notificationText(method, body))
}

/** The token is ours to restore on the way back; everything else that we do not know goes on as it came. */
function extraParams(params: Params, meta: Params | undefined): Params | undefined {
  const { name: _name, arguments: _arguments, _meta, ...rest } = params
  if (!meta) return Object.keys(rest).length > 0 ? rest : undefined
  const { progressToken: _token, ...restOfMeta } = meta
  const kept = Object.keys(restOfMeta).length > 0 ? { ...rest, _meta: restOfMeta } : rest
  return Object.keys(kept).length > 0 ? kept : undefined
}
