import type { Params } from './question.ts'

/** Pages that people were sent to, and of which a server tells when they are done there (MCP 2025-11-25, `notifications/elicitation/complete`). */
export class VisitedPages {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** @returns whether somebody waited for it */
  heard(params: Params | undefined): boolean {
    const waiting = this.#waiting.get(String(params?.['elicitationId']))
    for (const go of waiting ?? []) go()
    return waiting !== undefined
  }

  /** Wait until a server says that somebody is done at one of these pages, but no longer than `timeoutMs` and not after `signal`. Never throws. */
  async wait(ids: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const go = (): void => resolve()
    const timer = setTimeout(go, timeoutMs)
    signal.addEventListener('abort', go, { once: true })
    if (signal.aborted) go()
    for (const id of ids) this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(go))
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', go)
    for (const id of ids) {
      const waiting = this.#waiting.get(id)
      waiting?.delete(go)
      if (waiting?.size === 0) this.#waiting.delete(id)
    }
  }
}
