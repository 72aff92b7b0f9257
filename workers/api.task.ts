import { apiLane } from '../queue/api.lane.ts'
import { implement, TaskAskError } from '../queue/lane.ts'
import { taskSettings } from '../queue/task-settings.ts'
import { FAULTS, Fault, type FaultCode } from '../src/contract/fault.ts'
import { SendFailure } from '../src/core/egress/send-failure.ts'
import { createSender } from '../src/core/egress/sender.ts'
import { AccessTokens } from './api/access-token.ts'
import { Credentials } from './api/credential-of.ts'
import { runApi } from './api/run-api.ts'

const nowMs = Date.now
const sender = createSender({ rules: taskSettings().egress })
const ground = { sender, tokens: new AccessTokens(sender, nowMs), credentials: new Credentials(), nowMs }

/** Sends requests to APIs. Whatever an API answers is a result; a verdict without one says in a sentence why there was no answer. */
export default implement(apiLane, async (payload, context) => {
  try {
    return { kind: 'done', result: await runApi(ground, payload, context) }
  } catch (thrown) {
    if (context.signal.aborted || !isExpected(thrown)) throw thrown
    const code = Object.hasOwn(FAULTS, thrown.code) ? (thrown.code as FaultCode) : 'upstream'
    return { kind: 'cancel', reason: thrown.message, code }
  }
})

const isExpected = (thrown: unknown): thrown is SendFailure | TaskAskError | Fault =>
  thrown instanceof SendFailure || thrown instanceof TaskAskError || thrown instanceof Fault
