import type { Callable } from '../../contract/tool.ts'
import { parseInput } from '../../core/parse-input.ts'
import { SubscriptionArguments } from './arguments.ts'
import type { Link } from './link.ts'
import type { Offer } from './offer.ts'
import { requireNotTaken } from './require-not-taken.ts'

/** Hearing of changes of a resource; whoever may read it may watch it. */
export const subscriptionOf = (link: Link, offer: Offer): Callable => ({
  name: `subscription:${offer.name}`,
  source: link.alias,
  localName: offer.localName,
  kind: 'subscription',
  permit: offer.permit,
  effect: 'read',
  idempotent: true,
  parse(raw) {
    const { on, uri } = parseInput(SubscriptionArguments, raw)
    return { on, uri: offer.uriOf(uri) }
  },
  async run(visit) {
    const { on, uri } = visit.arguments as { on: boolean; uri: string }
    if (on) requireNotTaken(visit.caller, link.alias, uri)
    const waiting = on ? link.ready(visit.signal) : undefined
    if (waiting) await waiting
    if (on) await link.subscriptions.begin(visit, uri)
    else await link.subscriptions.end(visit, uri)
    return { kind: 'relay', result: {} }
  },
})
