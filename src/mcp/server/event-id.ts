import type { RpcId } from '../rpc.ts'
import { isId } from './message.ts'

/** The kind of a stream (`s`tanding or `c`all), its number, that of the event, and who waits for the stream. */
const EVENT_ID = /^(([sc])(\d{1,15}))-(\d{1,15})(?:\.([\w-]{1,400}))?$/

/** Longer ones name nobody; a batch has up to a hundred requests, with ids of any length. */
const MAX_WAITING_CHARS = 400

/** The last event that a client has seen of a stream. */
export interface Seen {
  /** Of the stream. */
  readonly name: string
  readonly standing: boolean
  readonly stream: number
  readonly after: number
  /** As it stood in the id, to be written again. */
  readonly waiting: string
}

/**
 * The requests that wait for what comes on a stream, as every event id of it says. So a process that knows nothing of the stream can still
 * tell its client that the answers are lost, which would wait for them until it gives up.
 */
export function writeWaiting(ids: readonly (RpcId | null)[]): string {
  const text = Buffer.from(JSON.stringify(ids.filter((id) => id !== null))).toString('base64url')
  return text.length <= MAX_WAITING_CHARS ? text : ''
}

/** The same, read; nobody where it says nothing that we would have written. */
export function readWaiting(waiting: string): readonly RpcId[] {
  try {
    const ids: unknown = JSON.parse(Buffer.from(waiting, 'base64url').toString())
    return Array.isArray(ids) ? ids.filter(isId) : []
  } catch {
    return []
  }
}

export const writeEventId = (name: string, number: number, waiting: string): string =>
  waiting === '' ? `${name}-${number}` : `${name}-${number}.${waiting}`

/** What a `Last-Event-ID` says; `undefined` for what is none of ours. */
export function readEventId(id: string): Seen | undefined {
  const [, name, kind, stream, after, waiting = ''] = EVENT_ID.exec(id) ?? []
  if (name === undefined) return undefined
  return { name, standing: kind === 's', stream: Number(stream), after: Number(after), waiting }
}
