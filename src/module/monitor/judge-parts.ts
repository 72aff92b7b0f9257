import type { ProcessState } from '../../contract/process.ts'
import type { CheckResult } from './check.ts'
import type { Disk, Look, SeenUpstream } from './look.ts'
import type { MonitorSettings } from './monitor.settings.ts'
import { bytesOf, durationOf } from './quantity.ts'

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** How much room the data folder has left. */
export function judgeDisk(disk: Disk | null, { diskBehindBytes, diskFailingBytes }: MonitorSettings): CheckResult[] {
  if (disk === null) return []
  const { freeBytes, sizeBytes } = disk
  const of = { check: 'disk', subject: 'data', value: freeBytes } as const
  const room = `${bytesOf(freeBytes)} of ${bytesOf(sizeBytes)} are free`
  if (freeBytes < diskFailingBytes)
    return [
      {
        ...of,
        state: 'failing',
        limit: diskFailingBytes,
        reason: `Only ${room} in the data folder; writes will fail soon. Make room.`,
      },
    ]
  if (freeBytes < diskBehindBytes)
    return [
      {
        ...of,
        state: 'behind',
        limit: diskBehindBytes,
        reason: `Only ${room} in the data folder. Make room, or shorten retention.`,
      },
    ]
  return [{ ...of, state: 'ok', limit: diskBehindBytes, reason: `${room} in the data folder.` }]
}

/** Whether a store takes writes, and how quickly. */
export function judgeStore(
  { name, fault, slowestMs, walBytes }: Look['stores'][number],
  { storeBehindMs, walBehindBytes }: MonitorSettings,
): CheckResult {
  const of = { check: 'store', subject: name, value: slowestMs, limit: storeBehindMs } as const
  if (fault !== null) return { ...of, state: 'failing', reason: `The store ${name} takes no writes: ${fault}.` }
  if (slowestMs > storeBehindMs)
    return { ...of, state: 'behind', reason: `A write to the store ${name} took ${durationOf(slowestMs)}. The disk may be busy.` }
  if (walBytes > walBehindBytes) {
    const reason = `The write-ahead log of ${name} has grown to ${bytesOf(walBytes)}; something reads from the file for very long.`
    return { ...of, state: 'behind', reason }
  }
  return { ...of, state: 'ok', reason: `The slowest write took ${durationOf(slowestMs)}.` }
}

/** Whether a process runs, and has stayed up since the earlier look. */
export function judgeProcess(now: ProcessState, earlier: ProcessState | undefined): CheckResult {
  const restarts = now.restarts - (earlier?.restarts ?? 0)
  const of = { check: 'process', subject: now.name, value: now.restarts, limit: null } as const
  const ended = now.lastEnd === null ? '' : ` It ended with ${now.lastEnd}.`
  if (now.state === 'failed')
    return { ...of, state: 'failing', reason: `${now.name} ended too often and rests before it is tried again.${ended}` }
  if (now.state === 'silent')
    return {
      ...of,
      state: 'failing',
      reason: `${now.name} (process ${now.pid}) is there and does not answer: it is stopped or stuck.`,
    }
  if (now.state === 'waiting') return { ...of, state: 'behind', reason: `${now.name} waits to be started again.${ended}` }
  if (restarts > 0)
    return { ...of, state: 'behind', reason: `${now.name} was restarted ${counted(restarts, 'time')} of late.${ended}` }
  return { ...of, state: 'ok', reason: `${now.name} is ${now.state}.` }
}

/** How much memory a process holds. */
export function judgeMemory({ name, vitals }: ProcessState, { memoryBehindBytes }: MonitorSettings): CheckResult[] {
  if (vitals === null) return []
  const { rssBytes } = vitals
  const isOver = rssBytes > memoryBehindBytes
  const holds = `${name} holds ${bytesOf(rssBytes)} of memory`
  const reason = isOver ? `${holds}, more than the ${bytesOf(memoryBehindBytes)} of memoryBehindBytes.` : `${holds}.`
  return [{ check: 'memory', subject: name, state: isOver ? 'behind' : 'ok', value: rssBytes, limit: memoryBehindBytes, reason }]
}

/** How long the event loop of a process kept others waiting. Once is a hiccup; one that was slow at the look before too is behind. */
export function judgeEventLoop(
  { name, vitals }: ProcessState,
  last: ProcessState | undefined,
  settings: MonitorSettings,
): CheckResult[] {
  if (vitals === null) return []
  const { eventLoopDelayMs: value } = vitals
  const { eventLoopBehindMs, eventLoopFailingMs } = settings
  const state =
    value > eventLoopFailingMs
      ? 'failing'
      : Math.min(value, last?.vitals?.eventLoopDelayMs ?? 0) > eventLoopBehindMs
        ? 'behind'
        : 'ok'
  const limit = state === 'failing' ? eventLoopFailingMs : eventLoopBehindMs
  const kept = `The event loop of ${name} kept others waiting for ${durationOf(value)}`
  const reason = state === 'ok' ? `${kept}.` : `${kept}; its machine is too busy, or something in it computes for too long.`
  return [{ check: 'event_loop', subject: name, state, value, limit, reason }]
}

/** Whether an upstream that shall be connected is. One that is only just connecting is given until the next look. */
export function judgeUpstream({ alias, wanted, state }: SeenUpstream, before: SeenUpstream | undefined): CheckResult {
  const isUp = state === 'connected'
  const of = { check: 'upstream', subject: alias, value: Number(isUp), limit: null } as const
  if (!wanted) return { ...of, state: 'ok', reason: `The upstream ${alias} is switched off.` }
  if (isUp) return { ...of, state: 'ok', reason: `The upstream ${alias} is connected.` }
  if (state === 'error') return { ...of, state: 'failing', reason: `The upstream ${alias} is down; its page says why.` }
  if (before === undefined || before.state === 'connected')
    return { ...of, state: 'ok', reason: `The upstream ${alias} is being connected.` }
  return { ...of, state: 'behind', reason: `The upstream ${alias} has not been connected for a while.` }
}
