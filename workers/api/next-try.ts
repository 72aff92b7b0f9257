import { SendFailure } from '../../src/core/egress/send-failure.ts'
import { retryAfterMs } from './retry-after.ts'

/** How one try ended. */
export type Try =
  | { readonly ok: true; readonly status: number; readonly retryAfter: unknown }
  | { readonly ok: false; readonly failure: unknown }

/** What is known when it is decided whether to try again. */
interface Standing {
  /** Tries so far. */
  readonly tries: number
  readonly isRepeatable: boolean
  readonly nowMs: number
  /** When it has to be over, ms since the epoch. */
  readonly deadline: number
  /** 0 to 1. */
  readonly dice: number
}

const MAX_TRIES = 3
const FIRST_WAIT_MS = 200
/** Left for the try itself after a wait. */
const LEAST_MS = 100

/** Whether the server says itself that later may be better. */
const PASSING = new Set([408, 425, 429, 502, 503, 504])

/** How long to wait before the next try, in ms; undefined for none. */
export function nextTry(last: Try, { tries, isRepeatable, nowMs, deadline, dice }: Standing): number | undefined {
  if (tries >= MAX_TRIES || !mayRepeat(last, isRepeatable)) return undefined
  const asked = last.ok ? retryAfterMs(last.retryAfter, nowMs) : undefined
  const waitMs = asked ?? Math.round(FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + dice / 2))
  return nowMs + waitMs + LEAST_MS < deadline ? waitMs : undefined
}

/** After bytes went out, only what may happen twice; before, anything. */
function mayRepeat(last: Try, isRepeatable: boolean): boolean {
  if (last.ok) return isRepeatable && PASSING.has(last.status)
  const { failure } = last
  return failure instanceof SendFailure && !failure.isLasting && (isRepeatable || !failure.isSent)
}
