import type { Entry, Progress } from '../../contract/visit.ts'
import type { Call } from './call.ts'
import { extraParams } from './extra-params.ts'
import { isLoudEnough } from './log-level.ts'
import { isId, isRecord } from './message.ts'
import { notificationText } from './response-text.ts'
import type { Target } from './target.ts'

type Params = Readonly<Record<string, unknown>>

/** What a call brings to the door besides caller, name and arguments. */
export function callEntry(call: Call, params: Params, { used, malformed }: Target, requestId: string): Entry {
  const token = isRecord(params['_meta']) ? params['_meta']['progressToken'] : undefined
  const extra = extraParams(params, used)
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
    ...(malformed && { malformed }),
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
