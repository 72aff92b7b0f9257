/** How something stands. `behind`: it works, and does not keep up. */
export const CHECK_STATES = ['ok', 'behind', 'failing'] as const

export type CheckState = (typeof CHECK_STATES)[number]

interface CheckKind {
  readonly summary: string
  /** What `value` and `limit` are counted in. */
  readonly unit: 'bytes' | 'ms' | 'count'
  /** What it is made for each of. */
  readonly subject: string
}

/** Everything that is looked after, in the order in which it is told. */
export const CHECKS = {
  process: { summary: 'Processes run and stay up.', unit: 'count', subject: 'process' },
  store: { summary: 'Stores take writes, quickly.', unit: 'ms', subject: 'store' },
  disk: { summary: 'The data folder has room.', unit: 'bytes', subject: 'folder' },
  lane: { summary: 'Lanes keep up with their jobs.', unit: 'ms', subject: 'lane' },
  upstream: { summary: 'Upstreams that shall be connected are.', unit: 'count', subject: 'upstream' },
  event_loop: { summary: 'Event loops answer at once.', unit: 'ms', subject: 'process' },
  memory: { summary: 'Processes stay within their memory.', unit: 'bytes', subject: 'process' },
} as const satisfies Record<string, CheckKind>

export type CheckName = keyof typeof CHECKS

/** The names alone. */
export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[]

/** What one check found of one subject. */
export interface CheckResult {
  readonly check: CheckName
  readonly subject: string
  readonly state: CheckState
  /** One sentence. */
  readonly reason: string
  readonly value: number | null
  /** What `value` was held against; null where there is no number to hold it against. */
  readonly limit: number | null
}
