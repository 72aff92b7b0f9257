import type { z } from 'zod'
import type { ChainRow } from '../../core/chain.ts'
import type { Call, CallDetail, NestedCall } from './audit.shapes.ts'
import type { AuditStore } from './audit.store.ts'
import type { CallSource, ListedCall } from './call-list.ts'
import { type CallStart, unpackSpans } from './call-record.ts'
import { partsOf } from './parts.ts'

/** A call as operations answer it. */
export const shownCall = (call: ListedCall): z.input<typeof Call> => ({
  id: call.id,
  parentId: call.parent_id,
  requestId: call.request_id,
  begunAt: call.begun_at,
  finishedAt: call.finished_at ?? null,
  durationMs: call.duration_ms ?? null,
  callerId: call.caller_id,
  callerName: call.caller_name,
  userId: call.user_id,
  tokenId: call.token_id,
  authPath: call.auth_path,
  transport: call.transport,
  tool: call.tool,
  source: call.source,
  kind: call.kind,
  effect: call.effect,
  outcome: call.outcome ?? 'running',
  stage: call.stage ?? null,
  code: call.code ?? null,
  message: call.message ?? null,
})

/** A call in a list, with its first parts where that is nested. */
export async function nestedCall(source: CallSource, call: ListedCall, nested: boolean): Promise<z.input<typeof NestedCall>> {
  if (!nested) return shownCall(call)
  const parts = await partsOf(source, call.id)
  return { ...shownCall(call), parts: parts.calls.map(shownCall), moreParts: parts.more }
}

/** Calls in flight, as lists want them. */
export function* runningCalls({ journal }: AuditStore): Generator<CallStart> {
  for (const { start } of journal.open) yield start
}

/** Everything that is kept of a call; `undefined` when there is none by that id. */
export async function callDetail(store: AuditStore, id: number): Promise<z.input<typeof CallDetail> | undefined> {
  const db = store.upToDate()
  const row = await db.selectFrom('call').selectAll().where('id', '=', id).executeTakeFirst()
  const open = row ? undefined : [...store.journal.open].find(({ start }) => start.id === id)
  const call: ListedCall | undefined = row ?? open?.start
  if (!call) return undefined
  const begun = await linkOf(store, row?.begun_seq ?? open?.begunSeq)
  const finished = await linkOf(store, row?.finished_seq)
  return {
    ...shownCall(call),
    spans: finished?.content ? unpackSpans(finished.content) : [],
    request: payloadOf(begun),
    response: payloadOf(finished),
    requestDigest: begun?.digest ?? null,
    responseDigest: finished?.digest ?? null,
    payloadsPurged: [begun, finished].some((link) => link?.digest && link.payload === null),
    begunLink: begun?.seq ?? null,
    finishedLink: finished?.seq ?? null,
  }
}

const linkOf = async ({ database: { db } }: AuditStore, seq: number | undefined): Promise<ChainRow | undefined> =>
  seq === undefined ? undefined : db.selectFrom('chain').selectAll().where('seq', '=', seq).executeTakeFirst()

const payloadOf = (link: ChainRow | undefined): unknown => (link?.payload ? JSON.parse(link.payload) : null)
