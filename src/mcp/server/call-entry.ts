import { Fault } from '../../contract/fault.ts'
import type { Ask, Entry, Progress } from '../../contract/visit.ts'
import { askClient } from './ask-client.ts'
import type { Call } from './call.ts'
import { extraParams } from './extra-params.ts'
import { isLoudEnough } from './log-level.ts'
import { isId, isRecord } from './message.ts'
import type { Turn } from './method.ts'
import { notificationText } from './response-text.ts'
import { SessionClient } from './session-client.ts'
import { strayTask } from './stray-task.ts'
import type { Target } from './target.ts'

type Params = Readonly<Record<string, unknown>>

/** What a call brings to the door besides caller, name and arguments. */
export function callEntry(turn: Turn, call: Call, params: Params, target: Target): Entry {
  const { state, session, requestId } = turn
  const { used, malformed = strayTask(turn, params, target) } = target
  const token = isRecord(params['_meta']) ? params['_meta']['progressToken'] : undefined
  const extra = extraParams(params, used)
  session.client ??= new SessionClient(state, session)
  return {
    transport: 'mcp',
    requestId,
    sessionKey: session.key,
    signal: call.controller.signal,
    client: session.client,
    notify: (method, body) => relay(call, method, body),
    ask: askOn(state, call),
    ...(isId(token) && {
      progress: (progress: Progress) => send(call, 'notifications/progress', { ...progress, progressToken: token }),
    }),
    ...(extra && { extra }),
    ...(malformed && { malformed }),
  }
}

/** Ask on the stream of the call, so that the client knows what it is about. */
function askOn({ limits, nowMs }: Turn['state'], call: Call): Ask {
  const { session, exchange } = call
  const channel = { put: (json: string) => exchange.request(json) }
  return async (method, params, signal) => {
    if (call.settled) throw new Fault('cancelled', 'The call has ended, so its client is not asked any more.')
    const { maxQuestionsPerSession: maxQuestions, answerMs } = limits
    return askClient({ session, call, channel, method, params, signal, maxQuestions, answerMs, nowMs: nowMs() })
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
