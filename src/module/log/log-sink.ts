import type { LogSink } from '../../core/logger.ts'
import { redactJson } from '../../core/redact.ts'
import { redactText } from '../../core/secret-text.ts'
import { storable } from '../../core/storable.ts'
import { LEVELS, type Level, type LogStore } from './log.store.ts'

/** Longest fields of a line that are kept, in characters of JSON. */
const FIELDS_CHARS = 8_192
const EVENT_CHARS = 256

/**
 * Where the server log goes besides standard error: takes one line, JSON as pino writes it, and never waits.
 *
 * Lines below the configured level are left out; warnings and errors are announced.
 */
export function logSink(store: LogStore): LogSink {
  const { house, rows } = store
  const lowest = LEVELS[house.settings.level]
  return (line) => {
    const { level, time, event, requestId, upstream, ...fields } = parse(line)
    if (typeof level !== 'number' || level < lowest) return
    rows.add({
      at: (typeof time === 'string' && Date.parse(time)) || house.nowMs(),
      level: levelNumber(level),
      event: storable(redactText(String(event ?? '').slice(0, EVENT_CHARS))),
      request_id: name(requestId),
      // Upstreams call themselves by their alias in what they log about themselves.
      upstream: name(upstream) ?? (String(event).startsWith('upstream.') ? name(fields['alias']) : null),
      fields: redactJson(fields, { maxChars: FIELDS_CHARS }),
    })
    if (level >= LEVELS.warn) house.events.publish('log', { level: levelName(level) })
  }
}

const name = (value: unknown): string | null => (typeof value === 'string' ? storable(value.slice(0, EVENT_CHARS)) : null)

/** The name of a level; one between two counts as the lower. */
export const levelName = (level: number): Level =>
  level >= LEVELS.error ? 'error' : level >= LEVELS.warn ? 'warn' : level >= LEVELS.info ? 'info' : 'debug'

const levelNumber = (level: number): number => LEVELS[levelName(level)]

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
