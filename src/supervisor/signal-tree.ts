import { readdirSync, readFileSync } from 'node:fs'

/** End a process, its group, and whatever descends from it, all at once. */
export function killTree(pid: number): void {
  // Looked up first: once their parent is gone, nothing says whose they were.
  for (const each of [...descendantsOf(pid), pid]) {
    killGroup(each)
    kill(each)
  }
}

/** End what there is of a group; nothing where the number is no group's. */
export const killGroup = (groupId: number): void => kill(-groupId)

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // Gone already, or not ours to end.
  }
}

/** Children of children included, as Linux tells them; elsewhere none are known. */
function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

/** Each thread lists the children that it started. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}
