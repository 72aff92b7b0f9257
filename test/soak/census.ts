import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { childrenOf } from '../cli/processes.ts'

/** What one process holds, as Linux tells it. */
export interface Holding {
  /** `supervisor`, `front`, `worker-1`, or `other` for what those started. */
  readonly name: string
  readonly pid: number
  readonly rssMb: number
  readonly handles: number
  readonly threads: number
  readonly children: number
}

/** Count what a gateway and all that it started hold. */
export function takeCensus(supervisorPid: number): Holding[] {
  return treeOf(supervisorPid).flatMap((pid) => holdingOf(pid, supervisorPid) ?? [])
}

const treeOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(treeOf)]

/** undefined: it ended meanwhile. */
function holdingOf(pid: number, supervisorPid: number): Holding | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return {
      name: nameOf(pid, supervisorPid),
      pid,
      rssMb: field(status, 'VmRSS') / 1_024,
      handles: readdirSync(`/proc/${pid}/fd`).length,
      threads: field(status, 'Threads'),
      children: childrenOf(pid).length,
    }
  } catch {
    return undefined
  }
}

function nameOf(pid: number, supervisorPid: number): string {
  if (pid === supervisorPid) return 'supervisor'
  const [, , command, ...flags] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  if (readlinkSync(`/proc/${pid}/exe`) !== process.execPath) return 'other'
  if (command === 'worker') return flags[flags.indexOf('--name') + 1] ?? 'worker'
  return command === 'front' ? 'front' : 'other'
}

const field = (status: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
