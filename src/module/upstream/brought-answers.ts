import type { Callable } from '../../contract/tool.ts'
import type { Visit } from '../../contract/visit.ts'
import { partOf } from './answer-server.ts'
import { askName } from './ask.ts'
import type { Call } from './call.ts'
import type { Link } from './link.ts'
import { HANDED_OVER } from './relayed-inputs.ts'

/** Stands at the door where a question's method does: whoever brings answers says to which keys, and not to what. */
export const BROUGHT = 'input_responses'

/** What a client answers a server of the stateless era, as the door lets it through: part of the call that brings it. */
export const broughtAnswersOf = ({ alias }: Link): Callable => ({
  name: askName(alias, BROUGHT),
  source: alias,
  localName: BROUGHT,
  kind: 'request',
  permit: undefined,
  effect: 'read',
  idempotent: true,
  parse: (raw) => raw,
  run: async () => ({ kind: 'relay', result: HANDED_OVER }),
})

/** Whether a call brings answers to questions that were handed over in the result of the one before (MCP 2026-07-28). */
export const bringsAnswers = ({ client, extra }: Visit): boolean =>
  extra !== undefined && client?.takesInputRequired === true && typeof extra['inputResponses'] === 'object'

/** Let them through the door, to be screened and recorded like answers that are given here. @throws Fault */
export async function passBroughtAnswers(link: Link, call: Call): Promise<void> {
  const { caller, extra } = call.visit
  await link.enter(caller, askName(link.alias, BROUGHT), extra!['inputResponses'], partOf(call, call.signal))
}
