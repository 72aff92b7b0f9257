import type { Callable } from '../../contract/tool.ts'
import type { Visit } from '../../contract/visit.ts'
import { parseInput } from '../../core/parse-input.ts'
import { CompletionArguments } from './arguments.ts'
import type { Link } from './link.ts'
import type { Offer } from './offer.ts'
import type { Params, Question } from './question.ts'
import { relay } from './relay.ts'

/** What a server proposes for the next argument of a prompt or template; whoever may use these may ask for it. */
export function completionOf(link: Link, offer: Offer): Callable {
  const { kind, localName } = offer
  const ref = kind === 'prompt' ? { type: 'ref/prompt', name: localName } : { type: 'ref/resource', uri: localName }
  const question: Question = {
    method: 'completion/complete',
    effect: 'read',
    idempotent: true,
    idleTimeoutMs: offer.idleTimeoutMs,
    maxTimeoutMs: offer.maxTimeoutMs,
    params: (visit) => ({ ref, ...(visit.arguments as Params) }),
  }
  return {
    name: `completion:${offer.name}`,
    source: link.alias,
    localName,
    kind: 'completion',
    permit: offer.permit,
    effect: 'read',
    idempotent: true,
    parse: (raw) => parseInput(CompletionArguments, raw),
    slot: (visit) => link.place(visit),
    run: async (visit: Visit) => {
      // Others beside it may be able to, so clients ask for all of them.
      if (link.server?.capabilities['completions'] === undefined) return { kind: 'relay', result: { completion: { values: [] } } }
      return relay(link, question, visit)
    },
  }
}
