import { Fault } from '../../contract/fault.ts'
import type { Callable } from '../../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { notFound } from '../../core/door/not-found.ts'
import { nextTurn } from '../../core/next-turn.ts'
import { parseInput } from '../../core/parse-input.ts'
import { RPC } from '../../mcp/rpc.ts'
import { failureOf } from '../../mcp/server/failure.ts'
import { TaskArguments } from './arguments.ts'
import { Errand } from './errand.ts'
import type { Link } from './link.ts'
import type { Params, Question } from './question.ts'
import { relay } from './relay.ts'

/** How long a result may be fetched once the call can last no longer, in ms. */
const KEEP_MS = 3_600_000

/** Begin it, and answer with its handle. @throws Fault `busy` */
export async function beginErrand(link: Link, question: Question, visit: Visit): Promise<Answer> {
  const errand = new Errand(visit, question.maxTimeoutMs + KEEP_MS, link.tasks.nowMs)
  link.tasks.errands.add(errand)
  const { told } = errand
  // Its call gives its own place back first. Never rejects: how it ends is what it is asked for.
  void nextTurn().then(() => run(link, question, visit, errand))
  return { kind: 'relay', result: { resultType: 'task', ...told } as RelayedResult }
}

/** What is asked about it, of which only its own caller knows. */
export const errandOf = (errand: Errand): Callable => ({
  name: `task:${errand.id}`,
  source: errand.source,
  localName: errand.id,
  kind: 'task',
  permit: errand.permit,
  effect: 'write',
  idempotent: true,
  parse: (raw: unknown) => parseInput(TaskArguments, raw),
  run: async (visit) => ({ kind: 'relay', result: answerAbout(errand, visit) as RelayedResult }),
})

/** It has left the call that began it: a signal, a place and a client to ask of its own. */
async function run(link: Link, question: Question, visit: Visit, errand: Errand): Promise<void> {
  const { progress: _progress, notify: _notify, ...rest } = visit
  const own: Visit = { ...rest, signal: errand.controller.signal, ask: errand.ask }
  try {
    const release = await link.place(own)
    try {
      const answer = await relay(link, question, own)
      errand.end('completed', answer.kind === 'relay' ? { result: answer.result } : {})
    } finally {
      release()
    }
  } catch (thrown) {
    fail(errand, Fault.from(thrown), own)
  }
  link.tasks.errands.hold(errand)
}

/** As a call that fails at once is told: a result that a model can act on, or the error of the server. */
function fail(errand: Errand, fault: Fault, { requestId, arguments: params }: Visit): void {
  const failed = { method: 'tools/call', params: params as Params, requestId, exists: true, noResource: RPC.invalidParams }
  const failure = failureOf(fault, failed)
  if (errand.controller.signal.aborted) errand.end('cancelled')
  else if (failure.kind === 'result') errand.end('completed', { result: failure.result })
  else {
    const { code, message, data } = failure.error
    errand.end('failed', { error: { code, message, ...(data !== undefined && { data }) } })
  }
}

function answerAbout(errand: Errand, visit: Visit): Params {
  const { method, params } = visit.arguments as { readonly method: string; readonly params: Params }
  if (errand.callerId !== visit.caller.id) throw notFound(`task:${errand.id}`)
  if (method === 'tasks/get') return errand.told
  if (method === 'tasks/update') errand.answer(params['inputResponses'])
  else if (method === 'tasks/cancel') {
    errand.end('cancelled')
    errand.controller.abort(new Fault('cancelled', 'The client took the task back.'))
  } else throw new Fault('invalid', `A task of the stateless era is not asked by ${method}: tasks/get tells its result as well.`)
  return {}
}
