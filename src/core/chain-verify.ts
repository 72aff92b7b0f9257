import { createSecretKey, type KeyObject } from 'node:crypto'
import type BetterSqlite3 from 'better-sqlite3'
import { CHAIN_START, type ChainHeadRow, type ChainPoint, type ChainRow, isSealed, linkMac, payloadDigest } from './chain.ts'
import { nextTurn } from './next-turn.ts'

/** The first thing that is wrong with a chain. */
export interface ChainBreak {
  /** Number of the link; `undefined` where the break is not at a link. */
  readonly seq: number | undefined
  /** Id of the row that the link is about. */
  readonly id: number | undefined
  /** A sentence. */
  readonly reason: string
}

export interface ChainReport {
  /** Links that were looked at, all of them good up to the break. */
  readonly links: number
  /** Links that retention removed earlier. */
  readonly purged: number
  readonly head: ChainPoint
  readonly broken: ChainBreak | undefined
  /** Places where the writer itself found after a crash that something is missing (links of kind `gap`). */
  readonly gaps: readonly ChainBreak[]
}

interface VerifyOptions {
  /** A connection that shows one state all along: a read transaction, or a file that nobody writes. */
  readonly raw: BetterSqlite3.Database
  readonly key: Buffer
  /** The text that was bound in for the row of a link, built anew from the row as it is now; `undefined` when the row is gone. */
  readonly covered: (link: ChainRow) => string | undefined
  /** A point that was written down earlier; the chain must still pass through it. */
  readonly through?: ChainPoint | undefined
  readonly signal?: AbortSignal | undefined
  /** Links per turn of the event loop, 100 by default (about 1 ms). */
  readonly slice?: number
}

class Broken extends Error {
  readonly at: ChainBreak

  constructor(reason: string, link?: { readonly seq: number; readonly ref?: number }) {
    super(reason)
    this.at = { seq: link?.seq, id: link?.ref, reason }
  }
}

/** Recompute a chain from its floor to its head, a slice per turn. */
export async function verifyChain(options: VerifyOptions): Promise<ChainReport> {
  const { raw } = options
  const key = createSecretKey(options.key)
  const head = raw.prepare('select * from chain_head where id = 1').get() as ChainHeadRow | undefined
  const progress: Progress = { links: 0, gaps: [] }
  try {
    requireHead(raw, key, head)
    await walk(options, key, head, progress)
    return report(head, progress, undefined)
  } catch (thrown) {
    if (thrown instanceof Broken) return report(head, progress, thrown.at)
    throw thrown
  }
}

interface Progress {
  links: number
  readonly gaps: ChainBreak[]
}

const report = (head: ChainHeadRow | undefined, { links, gaps }: Progress, broken: ChainBreak | undefined): ChainReport => ({
  links,
  gaps,
  purged: head?.floor_seq ?? 0,
  head: { seq: head?.seq ?? 0, mac: head?.mac ?? CHAIN_START },
  broken,
})

function requireHead(raw: BetterSqlite3.Database, key: KeyObject, head: ChainHeadRow | undefined): asserts head is ChainHeadRow {
  if (!head) throw new Broken('The head row is missing.')
  if (isSealed(key, head)) return
  const first = raw.prepare('select seq from chain order by seq limit 1').get() as { seq: number } | undefined
  throw new Broken(
    'The seal of the head row does not fit: the row was edited, or ACCESS_CONTROL_KEY is not the key that the records were written with.',
    first,
  )
}

async function walk(options: VerifyOptions, key: KeyObject, head: ChainHeadRow, progress: Progress): Promise<void> {
  const { raw, covered, through, signal, slice = 100 } = options
  const page = raw.prepare('select * from chain where seq > ? order by seq limit ?')
  let previous: ChainPoint = { seq: head.floor_seq, mac: head.floor_mac }
  for (;;) {
    signal?.throwIfAborted()
    const links = page.all(previous.seq, slice) as ChainRow[]
    for (const link of links) {
      previous = step(key, head, previous, link, covered)
      if (through) requirePassage(previous, through)
      progress.links += 1
      if (link.kind === 'gap' && progress.gaps.length < MAX_GAPS) progress.gaps.push(describeGap(link))
    }
    if (links.length < slice) break
    await nextTurn()
  }
  if (previous.seq !== head.seq || !previous.mac.equals(head.mac)) {
    throw new Broken(`The end was cut off: the head row stands at link ${head.seq}, the last link left is ${previous.seq}.`, {
      seq: previous.seq + 1,
    })
  }
  if (through && through.seq > head.seq) {
    throw new Broken(`The end was cut off: link ${through.seq} was written down earlier, the chain ends at ${head.seq}.`, {
      seq: head.seq + 1,
    })
  }
}

/** Gaps that a report lists at most. */
const MAX_GAPS = 20

const describeGap = ({ seq, at, content }: ChainRow): ChainBreak => ({
  seq,
  id: undefined,
  reason: `After a crash, at ${new Date(at).toISOString()}, the journal did not continue what was stored (${content}): records were lost in a power cut, or the journal was edited.`,
})

function step(
  key: KeyObject,
  head: ChainHeadRow,
  previous: ChainPoint,
  link: ChainRow,
  covered: VerifyOptions['covered'],
): ChainPoint {
  const { seq } = link
  if (seq !== previous.seq + 1)
    throw new Broken(`Links ${previous.seq + 1} to ${seq - 1} were removed.`, { seq: previous.seq + 1 })
  if (seq > head.seq)
    throw new Broken('The link stands behind the end of the chain: it was inserted, or the head row is old.', link)
  const text = covered(link)
  if (text === undefined) throw new Broken('The row of this link was removed.', link)
  // SQLite keeps anything in any column.
  if (!Buffer.isBuffer(link.mac) || !linkMac(key, previous.mac, link, text).equals(link.mac)) {
    throw new Broken('The link or its row was edited, or stands in another order than it was written.', link)
  }
  requirePayload(head, link)
  return { seq, mac: link.mac }
}

function requirePayload(head: ChainHeadRow, link: ChainRow): void {
  if (link.payload === null) {
    if (link.digest !== null && link.seq > head.payload_floor_seq) throw new Broken('The payload of this link was removed.', link)
    return
  }
  if (link.digest === null || payloadDigest(link.payload) !== link.digest)
    throw new Broken('The payload of this link was edited.', link)
}

function requirePassage(here: ChainPoint, through: ChainPoint): void {
  if (here.seq === through.seq && !here.mac.equals(through.mac)) {
    throw new Broken('The chain was rewritten: this link is not the one that was written down earlier.', { seq: here.seq })
  }
}
