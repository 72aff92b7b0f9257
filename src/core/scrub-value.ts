import { Fault } from '../contract/fault.ts'
import { knownValues, MIN_KNOWN_CHARS } from './known-values.ts'

/** Deeper than any document that a person writes; what lies below is judged as one text. */
const MAX_DEPTH = 200
/** Names that a program gives to fields. A value that looks like one hides no field. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z_]{0,30}$/

/** A value without any secret that this process knows; the very same where it holds none. Never throws. */
export const scrubValue = <T>(value: T): T => (knownValues.any ? (scrubbed(value, 0) as T) : value)

/** A fault without them. */
export function scrubFault(fault: Fault): Fault {
  if (!knownValues.any) return fault
  const shown = { message: fault.message, details: fault.details, data: fault.data }
  const clean = scrubValue(shown)
  if (clean === shown) return fault
  return new Fault(fault.code, clean.message, {
    cause: fault.cause,
    details: clean.details,
    ...(clean.data && { data: clean.data }),
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
  })
}

function scrubbed(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return knownValues.scrub(value)
  if (typeof value === 'number') return scrubNumber(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return knownValues.occurIn(JSON.stringify(value) ?? '') ? '[redacted]' : value
  return Array.isArray(value) ? scrubList(value, depth) : scrubRecord(value as Record<string, unknown>, depth)
}

function scrubNumber(value: number): unknown {
  if (Math.abs(value) < 10 ** (MIN_KNOWN_CHARS - 1)) return value
  return knownValues.occurIn(String(value)) || knownValues.isRounded(value) ? '[redacted]' : value
}

function scrubList(list: readonly unknown[], depth: number): readonly unknown[] {
  let clean: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = scrubbed(list[index], depth + 1)
    if (item === list[index]) continue
    clean ??= [...list]
    clean[index] = item
  }
  return clean ?? list
}

function scrubRecord(record: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  let isClean = true
  const entries: [string, unknown][] = []
  for (const key of Object.keys(record)) {
    const name = PLAIN_NAME.test(key) ? key : knownValues.scrub(key)
    const field = scrubbed(record[key], depth + 1)
    if (name !== key || field !== record[key]) isClean = false
    entries.push([name, field])
  }
  return isClean ? record : Object.fromEntries(entries)
}
