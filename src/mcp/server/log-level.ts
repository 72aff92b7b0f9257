/** The levels of `notifications/message`, least severe first (RFC 5424, 6.2.1). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const

export type LogLevel = (typeof LEVELS)[number]

export const isLogLevel = (value: unknown): value is LogLevel => LEVELS.includes(value as LogLevel)

/** Said in refusals. */
export const LOG_LEVEL_LIST: string = LEVELS.join(', ')

/** Whether a client that asked for `wanted` and above is told a message of `level`. One that never asked is told all, and so are levels that we do not know. */
export const isLoudEnough = (level: unknown, wanted: LogLevel | undefined): boolean =>
  wanted === undefined || !isLogLevel(level) || LEVELS.indexOf(level) >= LEVELS.indexOf(wanted)
