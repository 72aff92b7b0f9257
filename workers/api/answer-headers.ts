import type { IncomingHttpHeaders } from 'node:http'
import type { Hider } from './hider.ts'

/** Headers of an answer that are always handed on: what it is, how to go on, when to come again. */
const ALWAYS: ReadonlySet<string> = new Set([
  'content-type',
  'content-language',
  'content-disposition',
  'content-range',
  'date',
  'etag',
  'last-modified',
  'link',
  'location',
  'retry-after',
  'deprecation',
  'sunset',
  'x-request-id',
  'x-total-count',
])

/** Limits that APIs announce, in any of the ways they are written. */
const LIMITS = /^(?:x-)?rate-?limit(?:-[a-z-]+)?$/

/** Never, whatever an operator asks for: they keep or carry credentials. */
const NEVER: ReadonlySet<string> = new Set([
  'set-cookie',
  'set-cookie2',
  'authorization',
  'proxy-authorization',
  'proxy-authenticate',
])

const MAX_CHARACTERS = 8_192

/**
 * What of an answer's headers is handed on.
 *
 * @param besides those that an operator added, lower case
 */
export function answerHeaders(headers: IncomingHttpHeaders, besides: readonly string[], hider: Hider): Record<string, string> {
  const isKept = (name: string): boolean => (ALWAYS.has(name) || LIMITS.test(name) || besides.includes(name)) && !NEVER.has(name)
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && isKept(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, hider.text(String(value)).slice(0, MAX_CHARACTERS)]))
}
