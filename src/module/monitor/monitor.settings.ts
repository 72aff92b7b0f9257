import { z } from 'zod'

const MEBIBYTE = 1_048_576
const bytes = z.int().min(0)
const ms = z.int().min(1).max(86_400_000)

/** `[monitor]`: how often the gateway looks after itself, and from where on it says so. */
export const monitorSettings = z.strictObject({
  intervalSeconds: z.int().min(1).max(3_600).default(30).describe('Time between two rounds of checks.'),
  retentionDays: z.int().min(1).max(365).default(7).describe('Days that results of checks are kept.'),
  diskBehindBytes: bytes.default(2_048 * MEBIBYTE).describe('Free space of the data folder below which it is `behind`.'),
  diskFailingBytes: bytes.default(256 * MEBIBYTE).describe('Free space of the data folder below which it is `failing`.'),
  storeBehindMs: ms.default(500).describe('Slowest write of a store that is not `behind`.'),
  walBehindBytes: bytes.default(256 * MEBIBYTE).describe('Largest write-ahead log of a store that is not `behind`.'),
  memoryBehindBytes: bytes.default(1_024 * MEBIBYTE).describe('Most memory of a process that is not `behind`.'),
  eventLoopBehindMs: ms.default(100).describe('Longest delay of an event loop that is not `behind`, 99th percentile.'),
  eventLoopFailingMs: ms.default(1_000).describe('Longest delay of an event loop that is not `failing`, 99th percentile.'),
  laneWaitBehindMs: ms.default(10_000).describe('Longest that the oldest ready job of a lane may wait before it is `behind`.'),
  laneWaitFailingMs: ms.default(300_000).describe('Longest that the oldest ready job of a lane may wait before it is `failing`.'),
})

export type MonitorSettings = z.output<typeof monitorSettings>
