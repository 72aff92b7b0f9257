import { signalGroup } from './process-group.ts'

/** Counts the child processes that are alive, so that none can be forgotten. Each is the leader of its own group. */
export interface ChildRegister {
  add(pid: number): void
  /** Called once the whole group is gone. */
  remove(pid: number): void
  readonly pids: readonly number[]
  /** Kill all of them at once, for a process that ends without a chance to stop properly. */
  killAll(): void
  /** Stop watching the end of our own process. */
  close(): void
}

interface RegisterListener {
  added?(pid: number): void
  removed?(pid: number): void
}

/** @param listener hears of every change, e.g. to write it where a later start can find what a killed one left behind */
export function createChildRegister(listener: RegisterListener = {}): ChildRegister {
  const pids = new Set<number>()
  const killAll = (): void => {
    for (const pid of pids) signalGroup(pid, 'SIGKILL')
  }
  process.on('exit', killAll)
  return {
    add(pid) {
      pids.add(pid)
      listener.added?.(pid)
    },
    remove(pid) {
      if (pids.delete(pid)) listener.removed?.(pid)
    },
    get pids() {
      return [...pids]
    },
    killAll,
    close: () => void process.off('exit', killAll),
  }
}
