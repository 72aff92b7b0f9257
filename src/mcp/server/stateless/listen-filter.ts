import { z } from 'zod'
import { RPC, RpcError } from '../../rpc.ts'

/** Names of one kind that one stream may have; far more than anybody may follow. */
const MAX_NAMES = 10_000

const listenFilter = z.looseObject({
  toolsListChanged: z.boolean().default(false),
  promptsListChanged: z.boolean().default(false),
  resourcesListChanged: z.boolean().default(false),
  resourceSubscriptions: z.array(z.string().min(1).max(8_192)).max(MAX_NAMES).default([]),
  taskIds: z.array(z.string().min(1).max(1_024)).max(MAX_NAMES).default([]),
})

/** What a client wants to hear on one stream; kinds that are not known here are left out of what is promised. */
export type ListenFilter = z.output<typeof listenFilter>

/** `params.notifications` of `subscriptions/listen`. @throws RpcError -32602, naming the first field that is wrong */
export function readFilter(notifications: unknown): ListenFilter {
  const read = listenFilter.safeParse(notifications)
  if (read.success) return read.data
  const { path, message } = read.error.issues[0]!
  throw new RpcError(RPC.invalidParams, `The field ${['notifications', ...path].join('.')} does not fit: ${message}.`)
}
