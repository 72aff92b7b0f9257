import type { Parent } from '../supervisor/parent.ts'

/** Why a process stops: told by a signal, or its supervisor is gone. */
export type StopReason = 'SIGTERM' | 'SIGINT' | 'orphaned'

/** Wait for TERM or INT, or for the end of the supervisor. A signal after that ends the process at once. */
export function untilSignal(supervisor?: Parent): Promise<StopReason> {
  return new Promise((resolve) => {
    let seen = false
    const stop = (reason: StopReason): void => {
      seen = true
      resolve(reason)
    }
    const onSignal = (signal: 'SIGTERM' | 'SIGINT'): void => {
      if (seen) process.exit(1)
      stop(signal)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    supervisor?.onGone(() => stop('orphaned'))
  })
}
