import type { ListKind } from '../lists.ts'
import { callTheDoor } from './call-the-door.ts'
import { discover } from './discover.ts'
import { listen } from './listen.ts'
import type { StatelessMethod } from './stateless-turn.ts'

/** Requests of the stateless era, by method. What only the session era has is as unknown here as anything else. */
export const STATELESS_METHODS: ReadonlyMap<string, StatelessMethod> = new Map<string, StatelessMethod>([
  ['server/discover', discover],
  ['tools/list', list('tool')],
  ['prompts/list', list('prompt')],
  ['resources/list', list('resource')],
  ['resources/templates/list', list('template')],
  ['tools/call', callTheDoor],
  ['prompts/get', callTheDoor],
  ['resources/read', callTheDoor],
  ['completion/complete', callTheDoor],
  ['tasks/get', callTheDoor],
  ['tasks/update', callTheDoor],
  ['tasks/cancel', callTheDoor],
  ['subscriptions/listen', listen],
])

function list(kind: ListKind): StatelessMethod {
  return ({ state: { lists, form }, request: { caller, source }, message }) =>
    `{${form.cachedMembers}${lists.page(kind, caller, source, message.params?.['cursor']).slice(1)}`
}
