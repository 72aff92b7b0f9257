import { Fault } from '../../contract/fault.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { ClientError, type ClientErrorKind } from '../../mcp/client/client-error.ts'
import type { RequestOptions } from '../../mcp/client/request-options.ts'
import type { RpcError } from '../../mcp/rpc.ts'
import { awaitTask, mustAwaitTask } from './await-task.ts'
import { bringsAnswers, passBroughtAnswers } from './brought-answers.ts'
import type { Call } from './call.ts'
import { statelessCapabilities } from './capabilities.ts'
import { faultOf } from './fault-of.ts'
import { answerInputs, asksForInput } from './input-rounds.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import { mustHaveTask, untilTaskEnds } from './own-task.ts'
import { afterPages, pagesFirst } from './pages-first.ts'
import type { Params, Question } from './question.ts'
import { relayedInputs, withTaskInputs } from './relayed-inputs.ts'
import { sentAlong } from './sent-along.ts'
import { setLevel } from './set-level.ts'
import { withoutStrayTask } from './wished-task.ts'

/** After these another connection may do better. */
const REPEATABLE: readonly ClientErrorKind[] = ['lost', 'stale', 'unreachable']
/** A server that asks more often than this before it answers never will. */
const MAX_ROUNDS = 10

/**
 * Ask a server in the name of a visit, and relay the result exactly as it came.
 *
 * A server of the stateless era may ask back first; a client that does not take such results is asked on its own ways, and the question is
 * put again with its answers (MCP 2026-07-28, "multi round-trip requests").
 *
 * @throws Fault
 */
export async function relay(link: Link, question: Question, visit: Visit): Promise<Answer> {
  const call = link.calls.begin(question, visit)
  try {
    return { kind: 'relay', result: link.hearing.result(call, await untilAnswered(link, call)) }
  } catch (thrown) {
    if (isGivenUp(thrown)) link.hearing.gaveUp(call)
    if (call.cancelledBy === undefined) throw faultOf(link.alias, thrown)
    throw new Fault('cancelled', `The call was cancelled by ${call.cancelledBy}.`, { cause: thrown })
  } finally {
    link.calls.end(call)
  }
}

/** Its server may still be at it. */
const isGivenUp = (thrown: unknown): boolean =>
  thrown instanceof ClientError && thrown.sent && (thrown.kind === 'cancelled' || thrown.kind === 'timeout')

async function untilAnswered(link: Link, call: Call): Promise<RelayedResult> {
  const { question, visit } = call
  const params = { ...sentAlong(visit), ...question.params(visit) }
  if (bringsAnswers(visit)) await passBroughtAnswers(link, call)
  let answers: Params = {}
  for (let round = 0; round <= MAX_ROUNDS; round += 1) {
    const result = await afterAllPages(link, call, { ...params, ...answers })
    if (question.task !== undefined) return withTaskInputs(link, call, question.task, result)
    if (!asksForInput(result)) return result
    if (visit.client?.takesInputRequired) return relayedInputs(link, call, result)
    answers = await answerInputs(link, call, result)
  }
  throw new Fault('upstream', `Upstream ${link.alias} asked for input more than ${MAX_ROUNDS} times without an answer.`)
}

/** Whichever attempt it is that a server answers with pages to be visited first. */
async function afterAllPages(link: Link, call: Call, params: Params): Promise<RelayedResult> {
  const put = (): Promise<RelayedResult> => onceOrTwice(link, call, params)
  try {
    return await put()
  } catch (thrown) {
    if (pagesFirst(thrown) === undefined) throw thrown
    return afterPages(link, call, thrown as RpcError, put)
  }
}

/** A question is repeated once, and only where nothing of it reached the server or where doing it twice does what once does. */
async function onceOrTwice(link: Link, call: Call, params: Params): Promise<RelayedResult> {
  try {
    return await attempt(link, call, params)
  } catch (thrown) {
    if (thrown instanceof ClientError && (thrown.kind === 'unreachable' || thrown.kind === 'lost')) link.suspect()
    if (mustHaveTask(link.era, call, thrown)) return attempt(link, call, params, askForTask)
    if (!mayRepeat(thrown, call.question) || call.isWithdrawn) throw thrown
  }
  return attempt(link, call, params)
}

async function attempt(link: Link, call: Call, params: Params, asking = ask): Promise<RelayedResult> {
  const found = link.lines.line(call)
  const line = found instanceof Promise ? await found : found
  const waiting = setLevel(line, call.visit.client)
  if (waiting) await waiting
  const result = await measured(link, () => asking(link, line, call, params))
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result as RelayedResult
  throw new ClientError('broken', `It answered ${call.question.method} with what is no result.`)
}

async function ask(link: Link, line: Line, call: Call, params: Params): Promise<unknown> {
  const { question, visit } = call
  const options = requestOptions(link, line, call)
  const sent = line.connection.era === 'session' ? withoutStrayTask(params, visit) : params
  if (!mustAwaitTask(line, question, visit)) return line.connection.request(question.method, sent, options)
  const task = { ttl: question.maxTimeoutMs }
  return awaitTask(line, await line.connection.request(question.method, { ...sent, task }, options), options)
}

const askForTask: typeof ask = (link, line, call, params) =>
  untilTaskEnds(link, line, call, params, requestOptions(link, line, call))

async function measured(link: Link, request: () => Promise<unknown>): Promise<unknown> {
  const startedAt = performance.now()
  try {
    const result = await request()
    link.metrics.answered(link.alias, performance.now() - startedAt)
    return result
  } catch (thrown) {
    link.metrics.failed(link.alias, performance.now() - startedAt, thrown)
    throw thrown
  }
}

function requestOptions(link: Link, line: Line, call: Call): RequestOptions {
  const { question, visit } = call
  const { progress, client } = visit
  return {
    idleTimeoutMs: question.idleTimeoutMs,
    maxTimeoutMs: question.maxTimeoutMs,
    withdrawal: call,
    // Also where nobody listens: it is what keeps a long call from looking like a dead one.
    wantProgress: true,
    ...(progress && { onProgress: (params) => progress(params as never) }),
    onNotification: (method, params) => link.hearing.duringCall(line, call, method, params),
    onRequest: (method, params, taken) => link.hearing.askedDuringCall(call, method, params, taken),
    ...(line.connection.era === 'stateless' && statelessOptions(link, call, client)),
  }
}

function statelessOptions(link: Link, { question, visit }: Call, client: Visit['client']): Partial<RequestOptions> {
  const headers = question.headers?.(visit)
  return {
    client: {
      capabilities: statelessCapabilities(client, link.definition.deny),
      info: client?.info,
      // A client of the session era that names no level hears all.
      logLevel: client === undefined || client.takesInputRequired ? client?.logLevel : (client.logLevel ?? 'debug'),
    },
    ...(headers && { headers }),
  }
}

function mayRepeat(thrown: unknown, { effect, idempotent }: Question): boolean {
  if (!(thrown instanceof ClientError) || !REPEATABLE.includes(thrown.kind)) return false
  return !thrown.sent || effect === 'read' || idempotent
}
