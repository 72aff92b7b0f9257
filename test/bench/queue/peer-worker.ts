import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { DrainRates, DrainSpans } from './drain-meter.ts'

const WORKER = fileURLToPath(new URL('process/peer-worker.ts', import.meta.url))

/** A peer's worker process. */
export interface PeerWorker {
  /** Once its backlog is done. */
  readonly drained: Promise<DrainRates>
  stop(): Promise<void>
}

/** Start one. It works from the beginning. @param drain what waits already, and how that is measured */
export async function startPeerWorker(
  peer: 'plainjob' | 'bullmq',
  where: string,
  drain: DrainSpans & { readonly backlog: number },
): Promise<PeerWorker> {
  const child = fork(WORKER, [peer, where, JSON.stringify(drain)])
  const drained = new Promise<DrainRates>((resolve, reject) => {
    child.once('message', (rates) => resolve(rates as DrainRates))
    child.once('exit', () => reject(new Error(`The worker of ${peer} ended before its backlog was done.`)))
  })
  drained.catch(() => {})
  return {
    drained,
    async stop() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}
