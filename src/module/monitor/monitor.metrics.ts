import type { Meter } from '../../contract/meter.ts'
import { CHECK_STATES } from './check.ts'
import type { Rounds } from './rounds.ts'

/** Declare what the checks found. */
export function measureChecks(meter: Meter, rounds: Rounds): void {
  const ofDisk = (pick: 'freeBytes' | 'sizeBytes') => () => {
    const disk = rounds.last?.look.disk
    return disk ? [{ labels: {}, value: disk[pick] }] : []
  }
  meter.gauge(
    'gatehouse_check_state',
    '0 ok, 1 behind, 2 failing; as the last round of checks found it.',
    ['check', 'subject'],
    () =>
      (rounds.last?.results ?? []).map(({ check, subject, state }) => ({
        labels: { check, subject },
        value: CHECK_STATES.indexOf(state),
      })),
  )
  meter.gauge('gatehouse_checked_at_seconds', 'When the last round of checks began, in seconds since the epoch.', [], () =>
    rounds.last ? [{ labels: {}, value: rounds.last.look.at / 1_000 }] : [],
  )
  meter.gauge('gatehouse_disk_free_bytes', 'Free room of the data folder.', [], ofDisk('freeBytes'))
  meter.gauge('gatehouse_disk_size_bytes', 'Size of the file system of the data folder.', [], ofDisk('sizeBytes'))
}
