import { pino } from 'pino'
import type { Log } from '../contract/house.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Takes one log line, JSON with a final newline, without waiting. */
export type LogSink = (line: string) => void

/** The server log: JSON lines on standard error, and in whatever sink is added once it is open. */
export interface Logger {
  readonly log: Log
  addSink(sink: LogSink): void
  /** Write out what is still buffered; for the moment before the process ends. */
  flush(): void
}

/** Standard output stays free, because it is the answer of a command. */
export function createLogger(level: LogLevel): Logger {
  // Asynchronous, so that a reader of standard error who stops reading does not stop the gateway.
  const stderr = pino.destination({ dest: 2, sync: false })
  const sinks: LogSink[] = [(line) => void stderr.write(line)]
  const stream = {
    write(line: string) {
      for (const sink of sinks) sink(line)
    },
  }
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }, stream)
  return { log, addSink: (sink) => void sinks.push(sink), flush: () => stderr.flushSync() }
}
