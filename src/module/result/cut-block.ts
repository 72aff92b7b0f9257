import { measure } from './measure.ts'
import { cutText } from './utf8.ts'

/** A content block, of which nothing is taken for granted. */
export type Block = Readonly<Record<string, unknown>>

/** Whether something has fields at all. */
export const isRecord = (value: unknown): value is Block => typeof value === 'object' && value !== null

/** What a result is brought under. */
export interface Limits {
  readonly softLimitBytes: number
  readonly binaryLimitBytes: number
}

/** Where the whole result is. */
export interface Kept {
  readonly ref: string
  readonly originalBytes: number
  /** The tool declares an output schema, so clients insist on `structuredContent`. */
  readonly declaresOutput: boolean
  /** Whether the caller has the right to read it. */
  readonly mayRead: boolean
}

/** Kept free for the notes that stand in for what was left out. */
export const NOTES_BYTES = 4_096

/** Whether a block is a picture, sound or file of more than `limitBytes`, in base64. */
export function isLargeBinary(block: unknown, limitBytes: number): boolean {
  const { data, resource } = (block ?? {}) as Block
  const binary = data ?? (resource as Block | undefined)?.['blob']
  return typeof binary === 'string' && binary.length > limitBytes
}

/** A block within what is left: as it is, its text cut at a character, or a note in its place. */
export function cutBlock(block: unknown, leftBytes: number, limits: Limits, kept: Kept): unknown {
  if (!isRecord(block)) return measure(block, leftBytes) <= leftBytes ? block : noteFor({}, kept)
  if (isLargeBinary(block, limits.binaryLimitBytes)) return noteFor(block, kept)
  if (measure(block, leftBytes) <= leftBytes) return block
  if (typeof block['text'] === 'string') return { ...block, text: cutText(block['text'], Math.max(leftBytes - 256, 0)) }
  const resource = block['resource'] as Block | undefined
  if (typeof resource?.['text'] === 'string') {
    return { ...block, resource: { ...resource, text: cutText(resource['text'], Math.max(leftBytes - 1_024, 0)) } }
  }
  return noteFor(block, kept)
}

/** What of the whole result the caller is told: where it is, how large, how to read it. */
export function howToRead({ ref, originalBytes, mayRead }: Kept): string {
  const how = `Read it with result_get, ref "${ref}", from any offset, within the hour or so that it is kept.`
  const missing = 'Reading the rest needs the right result.read, which your token does not open: ask for less, or for that right.'
  return `[This result was cut: it has ${originalBytes} bytes in all. ${mayRead ? how : missing}]`
}

/** The same for programs. */
export const cutMeta = (meta: unknown, { ref, originalBytes }: Kept): object => ({
  ...(meta as object | undefined),
  truncated: true,
  originalBytes,
  resultRef: ref,
})

/** What stands where a part was left out. */
export const leftOut = (what: unknown, { ref }: Kept): string =>
  `[${String(what).slice(0, 100)} left out here; the whole result is kept as ${ref}]`

function noteFor(block: Block, kept: Kept): Block {
  const { type, mimeType } = { ...(block['resource'] as Block | undefined), ...block } as { type?: unknown; mimeType?: unknown }
  return { type: 'text', text: leftOut(mimeType ?? type ?? 'block', kept) }
}
