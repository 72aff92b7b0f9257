import type { ProcessState } from '../contract/process.ts'
import { asProcessesMessage, type ChildMessage } from './message.ts'

/** The exit code that tells a supervisor: do not start me again, I was told something that cannot work (`EX_CONFIG` of sysexits.h). */
export const REFUSED_CODE = 78

/** A child's view of the supervisor that started it. */
export interface Parent {
  readonly pid: number
  tell(message: ChildMessage): void
  /** Every process of the tree, as the supervisor told last. */
  processes(): readonly ProcessState[]
  /** Call back once when the supervisor is gone; at once where it is gone already. */
  onGone(listener: () => void): void
}

/** Whether a supervisor started this process. */
export const isSupervised = (): boolean => process.send !== undefined

/** The supervisor of this process; undefined where it was started by hand. */
export function parent(): Parent | undefined {
  if (!isSupervised()) return undefined
  let processes: readonly ProcessState[] = []
  process.on('message', (raw) => {
    processes = asProcessesMessage(raw)?.processes ?? processes
  })
  // The channel alone must not keep a process that has nothing left to do.
  process.channel?.unref()
  return {
    pid: process.ppid,
    tell: (message) => void process.send!(message, undefined, {}, ignoreDeadParent),
    processes: () => processes,
    onGone: (listener) => {
      if (process.connected) process.once('disconnect', listener)
      else listener()
    },
  }
}

/** That it is gone is told by `onGone`. */
const ignoreDeadParent = (): void => {}
