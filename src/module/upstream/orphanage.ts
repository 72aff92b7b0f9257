import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { signalGroup } from '../../mcp/client/process-group.ts'

/** Remembers children on disk, so that the next start can end what a killed gateway left behind. */
export interface Orphanage {
  added(pid: number): void
  removed(pid: number): void
  /** End the process groups that are still there. @returns how many */
  sweep(): number
}

/**
 * One small file per child, named after its process id, holding when that process began: ids are used again, times are not.
 *
 * @param folder `undefined` where nothing is kept on disk
 */
export function createOrphanage(folder: string | undefined): Orphanage {
  if (folder === undefined) return { added() {}, removed() {}, sweep: () => 0 }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (pid: number | string): string => join(folder, String(pid))
  return {
    added(pid) {
      const began = beganAt(pid)
      if (began !== undefined) writeFileSync(file(pid), began)
    },
    removed: (pid) => rmSync(file(pid), { force: true }),
    sweep() {
      let ended = 0
      for (const name of readdirSync(folder)) {
        const pid = Number(name)
        if (pid > 1 && readFileSync(file(name), 'utf8') === beganAt(pid) && signalGroup(pid, 'SIGKILL')) ended += 1
        rmSync(file(name), { force: true })
      }
      return ended
    },
  }
}

/** When a process began, in clock ticks since boot (proc(5), field 22 of stat); `undefined` where there is no /proc or no process. */
function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything, also spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
