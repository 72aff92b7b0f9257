import type { Bench, Report } from '../bench.ts'
import { type Conditions, readConditions } from '../conditions.ts'
import type { Goal } from '../goal.ts'
import { goalRow } from '../goal.ts'
import { shortNumber } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import { measureScrubbing, type Scrubbing } from './scrubbing.ts'
import { measureStore, type StoreFigures } from './store-figures.ts'

interface SecretReport extends Report {
  readonly conditions: Conditions
  readonly scrubbing: readonly Scrubbing[]
  readonly store: StoreFigures
}

const KNOWN = [0, 1, 1_000, 10_000]

async function measure(quick: boolean, note: (line: string) => void): Promise<SecretReport> {
  const conditions = readConditions(['gatehouse', 'better-sqlite3'])
  const scrubbing: Scrubbing[] = []
  for (const known of KNOWN) {
    note(`answers, ${known} secrets known`)
    scrubbing.push(measureScrubbing(known, quick ? 200 : 20_000))
  }
  const count = quick ? 500 : 10_000
  note(`a store of ${count} secrets`)
  const store = await measureStore(count)
  return { conditions, scrubbing, store, goals: goalsOf(scrubbing) }
}

function goalsOf(scrubbing: readonly Scrubbing[]): Goal[] {
  const of = (known: number): Scrubbing => scrubbing.find((one) => one.known === known)!
  const goal = (what: string, value: number, limit: number): Goal => ({ what, value, unit: 'µs', bound: 'at most', limit })
  return [
    goal('answer of 1 kB, no secret known', of(0).answerUs, 0.5),
    goal('answer of 1 kB, 1 000 secrets', of(1_000).answerUs, 10),
    goal('text of 1 MB, 1 000 secrets', of(1_000).megabyteUs, 10_000),
  ]
}

function pageOf({ conditions, scrubbing, store, goals }: SecretReport): string {
  const { date, machine, kernel, node, loadBefore } = conditions
  const us = (value: number): string => `${shortNumber(value)} µs`
  return [
    `Secrets, ${date}`,
    `${machine}; ${kernel}; node ${node}; load average before the run ${loadBefore.join(' ')}`,
    '',
    markdownTable(
      scrubbing.map((one) => ({
        'secrets known': String(one.known),
        'answer of 1 kB': us(one.answerUs),
        'the same by one RegExp': one.regExpUs === undefined ? '' : us(one.regExpUs),
        'text of 1 MB': us(one.megabyteUs),
        'learned all': `${shortNumber(one.learnMs)} ms`,
        'changed one': us(one.changeUs),
      })),
    ),
    '',
    markdownTable([
      {
        secrets: String(store.count),
        'opened, every value decrypted': `${shortNumber(store.openMs)} ms`,
        'looked up': us(store.lookUpUs),
        'rotated all': `${shortNumber(store.rotateMs)} ms`,
        'longest look-up meanwhile': `${shortNumber(store.slowestWhileRotatingMs)} ms`,
      },
    ]),
    '',
    markdownTable(goals.map(goalRow)),
  ].join('\n')
}

/** What secrets cost: looking for them in every answer, looking one up, encrypting all anew. */
export const secretBench: Bench = {
  name: 'secret',
  summary: 'what it costs to take known secrets out of answers, and to keep and rotate 10 000 of them',
  deadlineMs: 180_000,
  async run(quick, note) {
    const report = await measure(quick, note)
    return { report, page: pageOf(report) }
  },
}
