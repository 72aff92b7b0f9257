import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { markdownTable } from '../bench/table.ts'
import { type RoundReport, runCrashSuite } from './crash-suite.ts'
import { VICTIMS } from './gateway.ts'

const USAGE = `npm run crash -- [--rounds N] [--seed N]

  --rounds N   how often a process is killed, default 200
  --seed N     the same seed kills the same processes at the same moments; default: the time`

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } })
  const [rounds, seed] = [Number(values.rounds ?? 200), Number(values.seed ?? Date.now() % 1e6)]
  if (!Number.isSafeInteger(rounds) || !Number.isSafeInteger(seed)) throw new TypeError(USAGE)
  process.stdout.write(`seed ${seed}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'))
  const reports = await runCrashSuite({ rounds, seed, folder, onRound: say })
  process.stdout.write(`\n${summary(reports)}\n`)
  const failed = reports.some(({ broken }) => broken.length > 0)
  if (failed) process.stdout.write(`\nThe folder ${folder} was left for a look.\n`)
  else rmSync(folder, { recursive: true, force: true })
  return failed ? 1 : 0
}

function say({ round, victim, killedAfterRuns, convergedMs, states, outcomes, broken }: RoundReport): void {
  process.stderr.write(
    `${round}: ${victim} killed after ${killedAfterRuns} runs, over in ${convergedMs} ms, ${told(states)}; ${told(outcomes)}\n`,
  )
  for (const each of broken) process.stderr.write(`   BROKEN: ${each}\n`)
}

const told = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')

/** One row per kind of victim. */
function summary(reports: readonly RoundReport[]): string {
  const rows = VICTIMS.map((victim) => {
    const own = reports.filter((report) => report.victim === victim)
    const sum = (of: (report: RoundReport) => number): number => own.reduce((total, report) => total + of(report), 0)
    const ended = (state: string): string => String(sum(({ states }) => states[state] ?? 0))
    return {
      killed: victim,
      rounds: String(own.length),
      accepted: String(sum(({ accepted }) => accepted)),
      done: ended('done'),
      dead: ended('dead'),
      cancelled: ended('cancelled'),
      lost: ended('lost'),
      'with a result': String(sum(({ outcomes }) => outcomes['ok'] ?? 0)),
      'ran twice (idempotent)': String(sum(({ repeated }) => repeated)),
      'over after, median ms': String(own.map(({ convergedMs }) => convergedMs).sort((a, b) => a - b)[own.length >> 1] ?? 0),
      'longest ms': String(Math.max(0, ...own.map(({ convergedMs }) => convergedMs))),
      broken: String(sum(({ broken }) => broken.length)),
    }
  })
  return markdownTable(rows)
}

process.exitCode = await main()
