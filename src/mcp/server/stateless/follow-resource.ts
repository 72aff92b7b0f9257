import { Fault } from '../../../contract/fault.ts'
import { aimAtSubscription } from '../target.ts'
import type { ListenStream } from './listen-stream.ts'
import type { StatelessState } from './stateless-state.ts'

/** What ends a subscription is itself never taken back. */
const NEVER = new AbortController().signal

/**
 * Follow a resource for a stream: through the door when it is the first stream of its client that does.
 *
 * @returns whether the client will be told of its updates
 */
export async function follow(state: StatelessState, stream: ListenStream, uri: string, signal: AbortSignal): Promise<boolean> {
  const { name } = aim(state, stream, uri, true)
  // Noted first, so that an update that comes at once is heard.
  stream.resources.set(uri, name)
  if (count(stream, name, 1) > 1) return true
  try {
    await enter(state, stream, uri, true, signal)
    // It left meanwhile, and what it said then may have come first.
    if (signal.aborted && !stream.client.subscriptions.has(keyOf(stream, name))) await enter(state, stream, uri, false, NEVER)
    return true
  } catch (thrown) {
    // The door has recorded why; a client is told what it may follow, not why not.
    if (!(thrown instanceof Fault)) throw thrown
    if (stream.resources.delete(uri)) count(stream, name, -1)
    return false
  }
}

/** Follow nothing any more; what no other stream of the client follows is ended through the door. Never throws. */
export async function unfollowAll(state: StatelessState, stream: ListenStream): Promise<void> {
  const followed = [...stream.resources]
  stream.resources.clear()
  await Promise.all(
    followed.map(async ([uri, name]) => {
      if (count(stream, name, -1) > 0) return
      try {
        await enter(state, stream, uri, false, NEVER)
      } catch (thrown) {
        state.log.debug({ err: thrown, requestId: stream.requestId }, 'mcp.unfollow_failed')
      }
    }),
  )
}

function enter(state: StatelessState, stream: ListenStream, uri: string, on: boolean, signal: AbortSignal): Promise<unknown> {
  const { caller, client, requestId } = stream
  const { name, args } = aim(state, stream, uri, on)
  const { sessionKey } = client
  return state.backend.enter(caller, name, args, {
    transport: 'mcp',
    requestId,
    sessionKey,
    signal,
    client: client.at(undefined, stream.source),
  })
}

const aim = (
  { backend }: StatelessState,
  { caller, source }: ListenStream,
  uri: string,
  on: boolean,
): ReturnType<typeof aimAtSubscription> =>
  aimAtSubscription({ backend, caller, source, method: 'subscriptions/listen', params: { uri } }, on)

/** @returns how many streams of the client follow it now */
function count(stream: ListenStream, name: string, by: 1 | -1): number {
  const { subscriptions } = stream.client
  const key = keyOf(stream, name)
  const now = (subscriptions.get(key) ?? 0) + by
  if (now > 0) subscriptions.set(key, now)
  else subscriptions.delete(key)
  return now
}

/** A resource may have another URI at the address of all sources, so who follows it there is told apart. */
const keyOf = ({ source }: ListenStream, name: string): string => `${source ?? ''}\n${name}`
