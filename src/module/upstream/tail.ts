import { REDACTED, redactText } from '../../core/secret-text.ts'

/** One line of a server's log. */
interface TailLine {
  readonly at: number
  /** `stderr`: the server said it; `gateway`: we say what happened to it. */
  readonly from: 'stderr' | 'gateway'
  readonly text: string
}

/** The last lines of a server, for the operator who asks why it does not work. */
export interface Tail {
  add(from: TailLine['from'], text: string): void
  /** A text without what must not be shown. */
  clean(text: string): string
  /** Values that must never show up; replaces those of before. */
  hide(secrets: readonly string[]): void
  /** What a server said last on standard error since a time, as the end of a sentence; empty where it said nothing. One that dies says why, if at all. */
  lastWords(sinceMs: number): string
  /** The last `limit` lines, oldest first. */
  lines(limit: number): readonly TailLine[]
}

const MAX_LINES = 500
const MAX_CHARS = 2_000

/** Kept in memory only, and only so many. */
export function createTail(nowMs: () => number): Tail {
  const kept: TailLine[] = []
  let hidden: readonly string[] = []
  const clean = (text: string): string => redactText(hidden.reduce((line, secret) => line.replaceAll(secret, REDACTED), text))
  return {
    clean,
    add(from, text) {
      kept.push({ at: nowMs(), from, text: clean(text).slice(0, MAX_CHARS) })
      if (kept.length > MAX_LINES) kept.shift()
    },
    hide(secrets) {
      hidden = secrets
    },
    lastWords(sinceMs) {
      const line = kept.slice(-20).findLast(({ from, at }) => from === 'stderr' && at >= sinceMs)
      return line === undefined ? '' : ` It last said: ${line.text.slice(0, 300)}`
    },
    lines: (limit) => kept.slice(-limit),
  }
}
