import { randomUUID } from 'node:crypto'
import type { HelperOptions } from 'handlebars'
import { connectSnippets } from './connect-snippets.ts'
import type { FormRequest } from './console.ts'
import { jsonTokens } from './json-tokens.ts'
import type { Form, FormField } from './schema-form/form-of.ts'
import { isObject } from './schema-form/shape.ts'
import { shownBlocks } from './shown-answer.ts'
import { toneOf } from './tone.ts'

/** What every template may look at besides its own data, as `@root.shell`. */
interface Rooted {
  readonly shell: {
    readonly nowMs: number
    readonly url: string
    readonly may: (tool: string) => boolean
    readonly form: (asked: FormRequest) => Form | undefined
  }
  readonly query?: Readonly<Record<string, string>>
}

const rootOf = (options: HelperOptions) => options.data.root as Rooted
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let numbers: Intl.NumberFormat | undefined

/** Made with the first number that is shown: it takes 7 MB, most of it the tables of all languages. */
function grouped(value: number): string {
  numbers ??= new Intl.NumberFormat('en-US')
  return numbers.format(value)
}

/** How long ago, or how long until, in one unit: `4 min ago`, `in 3 days`. */
export function relativeTime(at: number, nowMs: number): string {
  const distance = Math.abs(nowMs - at)
  if (distance < 2 * SECOND) return 'now'
  const text =
    distance < MINUTE
      ? `${Math.floor(distance / SECOND)} s`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} min`
        : distance < 2 * DAY
          ? `${Math.floor(distance / HOUR)} h`
          : `${Math.floor(distance / DAY)} days`
  return at <= nowMs ? `${text} ago` : `in ${text}`
}

/** A duration in ms with the unit that suits it: `0.4 ms`, `37 ms`, `2.1 s`, `3 min 20 s`, `24 h`. */
export function durationText(ms: unknown): string {
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return '–'
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < HOUR) return twoUnits(ms, MINUTE, 'min', SECOND, 's')
  return ms < 2 * DAY ? twoUnits(ms, HOUR, 'h', MINUTE, 'min') : twoUnits(ms, DAY, 'days', HOUR, 'h')
}

/** `3 min 20 s`, and `3 min` where nothing is left over. */
function twoUnits(ms: number, bigMs: number, big: string, smallMs: number, small: string): string {
  const count = Math.round(ms / smallMs)
  const perBig = bigMs / smallMs
  const rest = count % perBig
  return rest === 0 ? `${count / perBig} ${big}` : `${Math.floor(count / perBig)} ${big} ${rest} ${small}`
}

/** A number of bytes with the unit that suits it: `812 B`, `4.1 kB`, `97 MB`. */
export function bytesText(bytes: unknown): string {
  if (typeof bytes !== 'number' || !Number.isFinite(bytes)) return '–'
  const power = Math.min(4, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3))
  const value = bytes / 1_000 ** power
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`
}

/** The address of the same page with other query fields; an empty one is left out. */
export function queryText(query: Readonly<Record<string, unknown>>, changed: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries({ ...query, ...changed }).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return `?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)]))}`
}

const hasError = (field: FormField): boolean => field.error !== undefined || field.fields.some(hasError)

const isoTime = (at: unknown) => (typeof at === 'number' && Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : '')

/** What templates may do: show a value, compare, and ask for a right. They return text or plain data, never markup. */
export const VIEW_FUNCTIONS = {
  eq: (a: unknown, b: unknown) => a === b,
  not: (value: unknown) => !value,
  any: (...values: unknown[]) =>
    values.slice(0, -1).find((value) => value !== undefined && value !== null && value !== '' && value !== false),
  all: (...values: unknown[]) => (values.slice(0, -1).every(Boolean) ? values.at(-2) : undefined),
  exceeds: (a: number, b: number) => a > b,
  minus: (a: number, b: number) => a - b,
  listOf: (...values: unknown[]) => values.slice(0, -1),
  concat: (...values: unknown[]) => values.slice(0, -1).join(''),
  isoTime,
  clockTime: (at: unknown) => `${isoTime(at).slice(0, 10)} ${isoTime(at).slice(11, 19)} UTC`,
  timeAgo: (at: unknown, options: HelperOptions) =>
    typeof at === 'number' ? relativeTime(at, rootOf(options).shell.nowMs) : 'never',
  asDuration: durationText,
  usAsDuration: (us: unknown) => (typeof us === 'number' && us < 1_000 ? `${us} µs` : durationText(Number(us) / 1_000)),
  asBytes: bytesText,
  asNumber: (value: unknown) => (typeof value === 'number' ? grouped(value) : '0'),
  counted: (value: unknown, one: string, many: string) => `${grouped(Number(value))} ${Number(value) === 1 ? one : many}`,
  percentOf: (part: unknown, whole: unknown) => (Number(whole) > 0 ? ((100 * Number(part)) / Number(whole)).toFixed(1) : '0'),
  asCompactJson: (value: unknown) => JSON.stringify(value) ?? '',
  jsonTokensOf: (value: unknown) => jsonTokens(typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')),
  shortened: (value: unknown, limit: number) =>
    String(value ?? '').length > limit ? `${String(value).slice(0, limit)}…` : String(value ?? ''),
  urlEncoded: (value: unknown) => encodeURIComponent(String(value ?? '')),
  toneOf,
  statusTone: (status: number) => (status >= 500 ? 'bad' : status >= 400 ? 'warn' : status >= 300 ? 'idle' : 'good'),
  newNonce: () => randomUUID(),
  may: (tool: string, options: HelperOptions) => rootOf(options).shell.may(tool),
  entryOf: (record: unknown, key: string) => (isObject(record) && Object.hasOwn(record, key) ? record[key] : undefined),
  afterColon: (text: unknown) => String(text ?? '').replace(/^[^:]*:/, ''),
  includes: (list: unknown, value: unknown) => Array.isArray(list) && list.includes(value),
  object: (options: HelperOptions) => ({ ...options.hash }),
  fieldsIn: (fields: readonly FormField[], names: unknown) =>
    fields.filter(({ name }) => Array.isArray(names) && names.includes(name)),
  fieldsOut: (fields: readonly FormField[], names: unknown) =>
    fields.filter(({ name }) => !(Array.isArray(names) && names.includes(name))),
  anyError: (fields: readonly FormField[]) => fields.some(hasError),
  connectSnippets: (token: string, options: HelperOptions) => connectSnippets(rootOf(options).shell.url, token),
  blocksOf: shownBlocks,
  formFor(operation: string, options: HelperOptions) {
    const { value, without = [], shapes = {} } = options.hash as Partial<Omit<FormRequest, 'operation'>>
    return rootOf(options).shell.form({ operation, value, without, shapes })
  },
  withQuery: (options: HelperOptions) => queryText(rootOf(options).query ?? {}, options.hash),
} as const
