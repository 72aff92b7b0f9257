import { FAULTS } from '../../../contract/fault.ts'
import { RpcError } from '../../rpc.ts'
import { Refusal } from '../refusal.ts'
import { listFingerprint } from './announce-to-listeners.ts'
import { follow, unfollowAll } from './follow-resource.ts'
import { followTasks } from './follow-tasks.ts'
import { type ListenFilter, readFilter } from './listen-filter.ts'
import { ANNOUNCED, type Announced, ListenStream } from './listen-stream.ts'
import type { StatelessState } from './stateless-state.ts'
import type { StatelessTurn } from './stateless-turn.ts'

/** `subscriptions/listen`: open a stream for what belongs to no request, and say what of the wishes it will carry. @throws RpcError -32602, Refusal 429, 503 */
export async function listen(turn: StatelessTurn): Promise<void> {
  const { state, request, client, reply } = turn
  const filter = readFilter(turn.message.params?.['notifications'])
  requireRoom(state, request.caller.id)
  requireRoomToFollow(state, client.subscriptions.size + filter.resourceSubscriptions.length + filter.taskIds.length)
  const { caller, refresh, source, requestId, res, answerHeaders: headers } = request
  const bufferBytes = state.limits.streamBufferBytes
  reply.handOver()
  if (res.destroyed) return
  const stream = new ListenStream({
    id: turn.message.id,
    client,
    caller,
    source,
    refresh,
    requestId,
    res,
    headers,
    bufferBytes,
    form: state.form,
    nowMs: state.nowMs,
  })
  const gone = new AbortController()
  state.streams.add(stream)
  client.streams.add(stream)
  client.uses += 1
  res.once('close', () => {
    gone.abort()
    leave(state, stream)
  })
  const promised = await promise(state, stream, filter, gone.signal)
  if (!stream.closed) stream.acknowledge(promised)
}

async function promise(state: StatelessState, stream: ListenStream, filter: ListenFilter, signal: AbortSignal): Promise<object> {
  const wanted = (Object.keys(ANNOUNCED) as Announced[]).filter((kind) => filter[kind])
  for (const kind of wanted) stream.known.set(kind, listFingerprint(state, stream, kind))
  const uris = [...new Set(filter.resourceSubscriptions)]
  const [taskIds, ...followed] = await Promise.all([
    followTasks(state, stream, [...new Set(filter.taskIds)], signal),
    ...uris.map((uri) => follow(state, stream, uri)),
  ])
  const resourceSubscriptions = uris.filter((_uri, index) => followed[index])
  return {
    ...Object.fromEntries(wanted.map((kind) => [kind, true])),
    ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
    ...(taskIds.length > 0 && { taskIds }),
  }
}

function leave(state: StatelessState, stream: ListenStream): void {
  const { client } = stream
  state.streams.delete(stream)
  client.streams.delete(stream)
  client.uses -= 1
  client.lastSeenAt = state.nowMs()
  unfollowAll(state, stream).catch((thrown: unknown) => {
    state.log.error({ err: thrown, requestId: stream.requestId }, 'mcp.bug')
  })
}

function requireRoom({ streams, limits }: StatelessState, callerId: string): void {
  const own = [...streams].filter(({ client }) => client.callerId === callerId).length
  if (own >= limits.maxSessionsPerCaller)
    throw new Refusal(
      429,
      FAULTS.rate_limited.rpc,
      `You have ${own} subscription streams open, which is the limit. Close one first.`,
    )
  if (streams.size >= limits.maxSessions)
    throw new Refusal(503, FAULTS.busy.rpc, `All ${limits.maxSessions} subscription streams of this gateway are taken.`)
}

function requireRoomToFollow({ limits: { maxSubscriptionsPerSession: max } }: StatelessState, wanted: number): void {
  if (wanted > max) throw new RpcError(FAULTS.busy.rpc, `A client follows ${max} resources and tasks at once and no more.`)
}
