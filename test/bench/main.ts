import { parseArgs } from 'node:util'
import { stopChildren } from './child.ts'
import { isMet } from './goal.ts'
import { benchMcp, FULL_PLAN, QUICK_PLAN } from './mcp/mcp-bench.ts'
import { mcpPage } from './mcp/mcp-page.ts'

const USAGE = `npm run bench -- mcp [--check] [--json] [--quick]

  --check   end with an error where a target is missed
  --json    one line of JSON instead of tables
  --quick   one short round, to see that everything works`

/** Longer than any honest run; whatever hangs must not hang the machine that measures. */
const DEADLINE_MS = 240_000

async function main(): Promise<number> {
  const { values: asked, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
  })
  if (positionals.length !== 1 || positionals[0] !== 'mcp') throw new TypeError(`expected the name of one bench\n\n${USAGE}`)

  const report = await benchMcp(asked.quick ? QUICK_PLAN : FULL_PLAN, (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(`${asked.json ? JSON.stringify(report, mapsAsObjects) : mcpPage(report)}\n`)
  return asked.check && !report.goals.every(isMet) ? 1 : 0
}

function mapsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}

async function abort(reason: string): Promise<never> {
  process.stderr.write(`${reason}\n`)
  await stopChildren()
  process.exit(1)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void abort(`stopped by ${signal}`))
setTimeout(() => void abort(`not done after ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref()

process.exitCode = await main().catch((error: unknown) => abort(error instanceof Error ? error.message : String(error)))
