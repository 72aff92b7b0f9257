import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../contract/fault.ts'

/**
 * Wait for work whose outcome is looked at elsewhere, but not for ever and not for a caller who has left.
 *
 * @throws Fault `cancelled` when the signal comes first
 */
export async function waitAtMost(work: Promise<unknown>, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const { promise: left, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(new Fault('cancelled', 'The call was cancelled by the caller.'))
  const timer = new AbortController()
  signal?.addEventListener('abort', onAbort)
  try {
    const tooLong = delay(timeoutMs, undefined, { ref: false, signal: timer.signal }).catch(() => {})
    await Promise.race([work.catch(() => {}), tooLong, left])
  } finally {
    timer.abort()
    signal?.removeEventListener('abort', onAbort)
  }
}
