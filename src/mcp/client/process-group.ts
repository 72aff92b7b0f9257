import { setTimeout as delay } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

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
 * Wait until a group has no process left. Grandchildren are nobody's children here, so there is no event to wait for.
 *
 * @returns false when some were still there after `timeoutMs`
 */
async function groupGone(groupId: number, timeoutMs: number): Promise<boolean> {
  for (let waitedMs = 0; signalGroup(groupId, 0); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs >= timeoutMs) return false
    await delay(LOOK_EVERY_MS)
  }
  return true
}

/**
 * End a whole process group: TERM, and KILL for what is left after `killAfterMs`.
 *
 * @returns false when even KILL left something, e.g. a zombie that its own parent never collects
 */
export async function endGroup(groupId: number, killAfterMs: number): Promise<boolean> {
  if (!signalGroup(groupId, 'SIGTERM')) return true
  if (await groupGone(groupId, killAfterMs)) return true
  signalGroup(groupId, 'SIGKILL')
  return groupGone(groupId, 1_000)
}
