import { randomBytes } from 'node:crypto'
import type { Answer } from '../../../src/contract/visit.ts'
import { knownValues } from '../../../src/core/known-values.ts'
import { scrubValue } from '../../../src/core/scrub-value.ts'
import { valueForms } from '../../../src/core/value/value-forms.ts'

/** What it costs to look for so many secrets. */
export interface Scrubbing {
  readonly known: number
  readonly answerUs: number
  /** One regular expression with all forms as alternatives; `undefined` where there are none, or too many for it. */
  readonly regExpUs: number | undefined
  readonly megabyteUs: number
  readonly learnMs: number
  readonly changeUs: number
}

const TEXT = 'The quick brown fox; {"name": "read_file", "path": "/srv/a.txt", "size": 1234}. '.repeat(14_000)
const KILOBYTE = TEXT.slice(0, 1_000)
const MEGABYTE = TEXT.slice(0, 1_000_000)
/** Beyond this, V8 gives up on the expression or takes minutes. */
const MAX_REG_EXP_VALUES = 1_000

const answer: Answer = { kind: 'relay', result: { content: [{ type: 'text', text: KILOBYTE }], isError: false } }

const newValue = (): string => randomBytes(24).toString('base64url')

/** Measure with values that nobody else knows; leaves nothing known. */
export function measureScrubbing(known: number, times: number): Scrubbing {
  const values = Array.from({ length: known }, newValue)
  const learnMs = timed(() => {
    for (const [index, value] of values.entries()) knownValues.set(`bench ${index}`, [value])
    knownValues.scrub(KILOBYTE)
  })
  const answerUs = perCall(times, () => scrubValue(answer))
  const megabyteUs = perCall(Math.max(5, times / 1_000), () => knownValues.scrub(MEGABYTE))
  const changeUs = known === 0 ? 0 : perCall(100, () => knownValues.set('bench 0', [newValue()]))
  knownValues.forget('bench ')
  return { known, answerUs, regExpUs: regExpUs(values, times), megabyteUs, learnMs, changeUs }
}

function regExpUs(values: readonly string[], times: number): number | undefined {
  if (values.length === 0 || values.length > MAX_REG_EXP_VALUES) return undefined
  const all = new RegExp(
    values
      .flatMap(valueForms)
      .map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('|'),
    'g',
  )
  return perCall(Math.max(5, times / 100), () => KILOBYTE.replace(all, '[redacted]'))
}

function timed(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

/** The mean, in µs, once it is warm. */
function perCall(times: number, work: () => unknown): number {
  for (let time = 0; time < times / 4; time++) work()
  return (
    (timed(() => {
      for (let time = 0; time < times; time++) work()
    }) *
      1_000) /
    times
  )
}
