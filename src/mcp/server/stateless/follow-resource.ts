import { Fault } from '../../../contract/fault.ts'
import { aimAtSubscription, type Target } from '../target.ts'
import type { ListenStream } from './listen-stream.ts'
import type { StatelessState } from './stateless-state.ts'

/** A resource that streams of one client follow. */
export interface Followed {
  /** How many. */
  streams: number
  /** Whether its server agreed. */
  readonly begun: Promise<boolean>
  /** Nobody follows it any more, and its server is being told. */
  ended: Promise<void> | undefined
}

/** A visit that all streams of a client share is not taken back when one of them leaves. */
const NEVER = new AbortController().signal

/**
 * Follow a resource for a stream: through the door when it is the first stream of its client that does.
 *
 * @returns whether the client will be told of its updates
 */
export async function follow(state: StatelessState, stream: ListenStream, uri: string): Promise<boolean> {
  const { name } = aim(state, stream, uri, true)
  const { subscriptions } = stream.client
  const key = keyOf(stream, name)
  // Noted first, so that an update that comes at once is heard.
  stream.resources.set(uri, name)
  const known = subscriptions.get(key)
  const followed = known && !known.ended ? known : begin(state, stream, uri, known?.ended)
  followed.streams += 1
  subscriptions.set(key, followed)
  if (await followed.begun) return true
  if (stream.resources.delete(uri)) await leave(state, stream, uri, name)
  return false
}

/** Follow nothing any more; what no other stream of the client follows is ended through the door. */
export async function unfollowAll(state: StatelessState, stream: ListenStream): Promise<void> {
  const resources = [...stream.resources]
  stream.resources.clear()
  await Promise.all(resources.map(([uri, name]) => leave(state, stream, uri, name)))
}

/** @param before what has to be over first */
function begin(state: StatelessState, stream: ListenStream, uri: string, before: Promise<void> | undefined): Followed {
  return { streams: 0, begun: ask(before), ended: undefined }

  async function ask(previous: Promise<void> | undefined): Promise<boolean> {
    await previous
    return enter(state, stream, uri, true)
  }
}

async function leave(state: StatelessState, stream: ListenStream, uri: string, name: string): Promise<void> {
  const { subscriptions } = stream.client
  const key = keyOf(stream, name)
  const followed = subscriptions.get(key)
  if (!followed) return
  followed.streams -= 1
  if (followed.streams > 0) return
  followed.ended = end()
  await followed.ended
  if (subscriptions.get(key) === followed) subscriptions.delete(key)

  async function end(): Promise<void> {
    if (await followed!.begun) await enter(state, stream, uri, false)
  }
}

/** @returns whether it was let in. The door has recorded why not; a client is told what it may follow, not why not */
async function enter(state: StatelessState, stream: ListenStream, uri: string, on: boolean): Promise<boolean> {
  const { caller, client, requestId, source } = stream
  const { name, args } = aim(state, stream, uri, on)
  try {
    await state.backend.enter(caller, name, args, {
      transport: 'mcp',
      requestId,
      sessionKey: client.sessionKey,
      signal: NEVER,
      client: client.at(undefined, source),
    })
    return true
  } catch (thrown) {
    if (thrown instanceof Fault) return false
    throw thrown
  }
}

const aim = ({ backend }: StatelessState, { caller, source }: ListenStream, uri: string, on: boolean): Target =>
  aimAtSubscription({ backend, caller, source, method: 'subscriptions/listen', params: { uri } }, on)

/** A resource may have another URI at the address of all sources, so who follows it there is told apart. */
const keyOf = ({ source }: ListenStream, name: string): string => `${source ?? ''}\n${name}`
