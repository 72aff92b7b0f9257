import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const WORKER = fileURLToPath(new URL('process/peer-worker.ts', import.meta.url))

/** A peer's worker process. */
export interface PeerWorker {
  /** Jobs per second from the first to the last of so many. */
  readonly rate: Promise<number>
  stop(): Promise<void>
}

/** Start one. It works from the beginning. @param expected after how many jobs it says how long they took */
export async function startPeerWorker(peer: 'plainjob' | 'bullmq', where: string, expected: number): Promise<PeerWorker> {
  const child = fork(WORKER, [peer, where, String(expected)])
  const rate = once(child, 'message').then(([ms]) => ((expected - 1) / (ms as number)) * 1_000)
  rate.catch(() => {})
  return {
    rate,
    async stop() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}
