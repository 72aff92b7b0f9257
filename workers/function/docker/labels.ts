import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { FunctionProgram } from '../../../queue/function.lane.ts'

/** How long after its deadline a container is let alone, in ms: its own worker is still about to remove it. */
const GRACE_MS = 30_000

const INSTALLATION = 'gatehouse.installation'
const WORKER = 'gatehouse.worker'
const EXPIRES = 'gatehouse.expires'
const PROGRAM = 'gatehouse.program'

/** `place/pid/start`: ids are used again, the time when a process began is not. */
const worker = (): string => `${place()}/${process.pid}/${beganAt(process.pid) ?? ''}`

/** What a container carries, so that whoever finds it knows whose it is and until when. */
export const labelsOf = (installation: string, { hash }: FunctionProgram, deadline: number): Record<string, string> => ({
  [INSTALLATION]: installation,
  [WORKER]: worker(),
  [EXPIRES]: String(deadline + GRACE_MS),
  [PROGRAM]: hash,
})

/** What an engine's list is asked for. */
export const ofInstallation = (installation: string): Record<string, string[]> => ({ label: [`${INSTALLATION}=${installation}`] })

/** Whether nobody looks after a container any more: it is past its time, or the worker that made it is gone. */
export function isOrphan(labels: Readonly<Record<string, string>>, nowMs: number): boolean {
  if (Number(labels[EXPIRES]) < nowMs) return true
  const [where, pid, began] = labels[WORKER]?.split('/') ?? []
  return where === place() && beganAt(Number(pid)) !== (began || undefined)
}

/** Where process ids mean the same: the machine, and on it the namespace (a worker may run in a container itself). */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
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
