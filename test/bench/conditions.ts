import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Under what a run happened; figures mean nothing without it. */
export interface Conditions {
  readonly date: string
  readonly machine: string
  readonly kernel: string
  readonly node: string
  /** Load averages over 1, 5 and 15 minutes before the run. */
  readonly loadBefore: readonly number[]
  /** Version by package, of those that take part. */
  readonly versions: Readonly<Record<string, string>>
}

/** Read them off this machine. */
export function readConditions(packages: readonly string[]): Conditions {
  return {
    date: new Date().toISOString(),
    machine: `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    loadBefore: os.loadavg().map((load) => Number(load.toFixed(2))),
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  }
}

function versionOf(name: string): string {
  const folder = name === 'gatehouse' ? '../../' : `../../node_modules/${name}/`
  return JSON.parse(readFileSync(new URL(`${folder}package.json`, import.meta.url), 'utf8')).version
}
