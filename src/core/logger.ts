import { once } from 'node:events'
import { pino } from 'pino'
import type { Log } from '../contract/house.ts'
import { knownValues } from './known-values.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Takes one log line, JSON with a final newline, without waiting. */
export type LogSink = (line: string) => void

/** The server log: JSON lines on standard error, and in whatever sink is added once it is open. */
export interface Logger {
  readonly log: Log
  /** The first one is given what was logged before it came, too. */
  addSink(sink: LogSink): void
  /** Log from this level on. */
  setLevel(level: LogLevel): void
  /** Wait until what was logged is written out, a second at most; for the moment before the process ends. */
  flush(): Promise<void>
}

/** Lines that are kept for the first sink; the start logs a few per upstream. */
const MAX_EARLY_LINES = 1_000
const FLUSH_MS = 1_000

/** Standard output stays free, because it is the answer of a command. */
export function createLogger(level: LogLevel): Logger {
  // Asynchronous, so that a reader of standard error who stops reading does not stop the gateway.
  const stderr = pino.destination({ dest: 2, sync: false })
  let isRead = true
  // Its own way of going on would be to keep every line, and to try for ever to write them when the process ends.
  stderr.on('error', () => {
    isRead = false
    stderr.destroy()
  })
  const sinks: LogSink[] = [(line) => isRead && stderr.write(line)]
  const early: string[] = []
  const stream = {
    write(text: string) {
      const line = knownValues.scrub(text)
      for (const sink of sinks) sink(line)
      if (sinks.length === 1 && early.length < MAX_EARLY_LINES) early.push(line)
    },
  }
  const addSink = (sink: LogSink): void => {
    sinks.push(sink)
    for (const line of early.splice(0)) sink(line)
  }
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }, stream)
  const setLevel = (next: LogLevel): void => {
    log.level = next
  }
  return { log, addSink, setLevel, flush: () => (isRead ? drained(stderr) : Promise.resolve()) }
}

/** Never rejects: where nobody reads any more, there is nothing to wait for. */
async function drained(stderr: ReturnType<typeof pino.destination>): Promise<void> {
  const written = once(stderr, 'drain', { signal: AbortSignal.timeout(FLUSH_MS) })
  // Writing nothing makes it say so, also where it has written everything already.
  stderr.write('')
  await written.catch(() => {})
}
