import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const LOOK_EVERY_MS = 20
/** Looking closely means reading all of /proc, so it is done seldom. */
const LOOK_CLOSELY_EVERY = 8

/** Send a signal to every process of a group; false when there is none left. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal)
    return true
  } catch (thrown) {
    // EPERM: a member changed its user and cannot be reached, so it is still there.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * End a whole process group: TERM, and KILL for what is left after `killAfterMs`.
 *
 * @returns false when even KILL did not end all of it within two seconds
 */
export async function endGroup(groupId: number, killAfterMs: number): Promise<boolean> {
  if (!signalGroup(groupId, 'SIGTERM')) return true
  if (await groupGone(groupId, killAfterMs)) return true
  signalGroup(groupId, 'SIGKILL')
  return groupGone(groupId, 2_000)
}

/** Wait until a group runs no more. Grandchildren are nobody's children here, so there is no event to wait for. */
async function groupGone(groupId: number, timeoutMs: number): Promise<boolean> {
  // By the clock: on a busy machine a look takes many times as long as the pause before it.
  const deadline = performance.now() + timeoutMs
  for (let looks = 1; signalGroup(groupId, 0); looks += 1) {
    if (looks % LOOK_CLOSELY_EVERY === 0 && (await onlyZombies(groupId))) return true
    if (performance.now() > deadline) return onlyZombies(groupId)
    await delay(LOOK_EVERY_MS)
  }
  return true
}

/**
 * Whether all that is left of a group has ended and only waits to be collected.
 *
 * In a container whose first process collects nobody, orphans stay so for ever, and signals still find them.
 */
async function onlyZombies(groupId: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name))
  if (pids.length === 0) return false
  const states = await Promise.all(pids.map((pid) => stateInGroup(pid, groupId)))
  return states.every((state) => state === undefined || state === 'Z' || state === 'X')
}

/** A process's state letter (proc(5), stat), if it belongs to the group. */
async function stateInGroup(pid: string, groupId: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(group) === groupId ? state : undefined
}
