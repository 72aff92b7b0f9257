import { Fault } from '../contract/fault.ts'
import type { Ask } from '../contract/page.ts'

/** Names that one page looks up at most; the others stand there with their ids. */
const MAX_LOOKUPS = 10

/** Names of the users behind caller ids such as `user:1718000000000`, for a page to show; empty for a visitor who may not see users. */
export async function callerNames(ask: Ask, ids: Iterable<unknown>): Promise<Readonly<Record<string, string>>> {
  if (!ask.may('access_user_get')) return {}
  const wanted = [...new Set(ids)].filter((id) => typeof id === 'string' && /^user:\d{1,16}$/.test(id)) as string[]
  const found = wanted.slice(0, MAX_LOOKUPS).map(async (id): Promise<[string, string]> => [id, await nameOf(ask, id)])
  return Object.fromEntries(await Promise.all(found))
}

async function nameOf(ask: Ask, id: string): Promise<string> {
  try {
    const { user } = await ask.call('access_user_get', { id: Number(id.slice('user:'.length)) })
    return user.name
  } catch (thrown) {
    if (thrown instanceof Fault) return id
    throw thrown
  }
}
