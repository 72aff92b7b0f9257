import { LRUCache } from 'lru-cache'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Scope } from '../../contract/operation.ts'
import type { QueueStore } from './queue.store.ts'

/** How long a name is shown without being looked up again, in ms: every look-up leaves a record. */
const KEPT_MS = 300_000
/** Names that one answer looks up at most; the others stand there with their ids alone. */
const MAX_LOOKUPS = 25

/** What a look-up needs of a visit. */
type Asking = Pick<Scope<QueueStore>, 'caller' | 'call'>

/** Readable names of those in whose places jobs stand. */
export interface PlaceNames {
  /** By place (`token:<id>`, `user:<id>`); places without a name, and all places for whoever may not see users, are missing. */
  of(places: Iterable<string>, asking: Asking): Promise<ReadonlyMap<string, string>>
}

/** Names come from the module that knows them, through the door, as the caller. */
export function createPlaceNames(house: House): PlaceNames {
  const known = new LRUCache<string, string>({ max: 1_000, ttl: KEPT_MS, perf: { now: house.nowMs } })
  return {
    async of(places, asking) {
      if (!maySee(house, asking)) return new Map()
      const wanted = [...new Set(places)]
      const strange = wanted.filter((place) => !known.has(place) && PLACE.test(place)).slice(0, MAX_LOOKUPS)
      await Promise.all(strange.map(async (place) => known.set(place, await look(place, asking))))
      return new Map(wanted.flatMap((place) => (known.get(place) ? [[place, known.get(place)!] as const] : [])))
    },
  }
}

const PLACE = /^(?:token|user):\d{1,16}$/

/** Whoever may see all users may see whose tokens there are. */
const maySee = (house: House, { caller }: Asking): boolean =>
  ['access_user_get', 'access_token_list'].every((name) => {
    const tool = house.tool(name)
    return tool !== undefined && caller.grants.allows(tool.permit)
  })

/** @returns an empty text for somebody who is not known (any more) */
async function look(place: string, asking: Asking): Promise<string> {
  const [kind, id] = place.split(':') as [string, string]
  try {
    return await (kind === 'token' ? tokenName(Number(id), asking) : userName(Number(id), asking))
  } catch (thrown) {
    if (thrown instanceof Fault) return ''
    throw thrown
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what another module answers is shown as text and nothing else
type Answered = Readonly<Record<string, any>>

async function tokenName(id: number, { call }: Asking): Promise<string> {
  const { tokens }: Answered = await call('access_token_list', { whose: 'all', cursor: String(id + 1), limit: 1 })
  const token = tokens[0]
  return token?.id === id ? `${token.userName} (${token.label})` : ''
}

async function userName(id: number, { call }: Asking): Promise<string> {
  const { user }: Answered = await call('access_user_get', { id })
  return user.name
}
