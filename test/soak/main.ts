import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stopChildren } from '../bench/child.ts'
import { markdownTable } from '../bench/table.ts'
import { type Holding, takeCensus } from './census.ts'
import { applyLoad, type Tally } from './load.ts'
import { applyMcpLoad } from './mcp/mcp-load.ts'
import { startMcpStand } from './mcp/mcp-stand.ts'
import { startStand } from './stand.ts'
import { isFlat, trendRow, trendsOf } from './verdict.ts'

const USAGE = `npm run soak -- [mcp] [--minutes N]

  Mixed load on a whole gateway (default 30 minutes); fails when an answer is wrong, or when memory, handles, threads or children grow.
  mcp: a thousand MCP clients of both eras instead (default 10 minutes).`

/** Which soak there is: what is started, and what it is loaded with. */
const SOAKS = {
  mixed: { minutes: '30', start: startStand, load: applyLoad },
  mcp: { minutes: '10', start: startMcpStand, load: applyMcpLoad },
} as const

/** Censuses of one soak. */
const CENSUSES = 150

/** How often it says how far it is: in censuses. */
const TELL_EVERY = 10

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { minutes: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const soak = SOAKS[positionals[0] === 'mcp' ? 'mcp' : 'mixed']
  const minutes = Number(values.minutes ?? soak.minutes)
  if (values.help || !(minutes > 0)) throw new TypeError(USAGE)
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-soak-'))
  const stand = await soak.start(dir)
  try {
    const over = AbortSignal.timeout(minutes * 60_000)
    const censuses: Holding[][] = []
    const count = (): void => {
      const census = takeCensus(stand.running.pid)
      if (censuses.push(census) % TELL_EVERY === 0) process.stderr.write(`${progress(minutes, censuses.length, census)}\n`)
    }
    const counting = setInterval(count, (minutes * 60_000) / CENSUSES)
    const tally = await soak.load(stand, over)
    clearInterval(counting)
    return report(minutes, tally, censuses)
  } finally {
    await stand.running.stop()
    await stopChildren()
    await rm(dir, { recursive: true, force: true })
  }
}

function progress(minutes: number, taken: number, census: readonly Holding[]): string {
  const own = census.filter(({ name }) => name !== 'other').map(({ name, rssMb }) => `${name} ${Math.round(rssMb)} MB`)
  return `${((taken / CENSUSES) * minutes).toFixed(1)} of ${minutes} minutes: ${own.join(', ')}`
}

function report(minutes: number, { done, wrong }: Tally, censuses: readonly (readonly Holding[])[]): number {
  const trends = trendsOf(censuses)
  const rounds = Object.entries(done).map(([what, count]) => ({ what, rounds: String(count) }))
  process.stdout.write(
    `Soak of ${minutes} minutes\n\n${markdownTable(rounds)}\n\n${markdownTable(trends.map(trendRow))}\n\n${wrong.length === 0 ? 'No wrong answer.' : wrong.join('\n')}\n`,
  )
  return wrong.length === 0 && trends.every(isFlat) ? 0 : 1
}

process.exitCode = await main()
