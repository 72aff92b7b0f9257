import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import { stopChildren } from './child.ts'
import { isMet } from './goal.ts'

const USAGE = `npm run bench -- NAME [--check] [--json] [--quick]

${benches.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

  --check   end with an error where a target is missed
  --json    one line of JSON instead of tables
  --quick   one short round, to see that everything works`

async function main(): Promise<number> {
  const { values: asked, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
  })
  const bench = benches.find(({ name }) => positionals.length === 1 && name === positionals[0])
  if (!bench) throw new TypeError(`expected the name of one bench\n\n${USAGE}`)

  setTimeout(() => void abort(`not done after ${bench.deadlineMs / 1000} s`), bench.deadlineMs).unref()
  const { report, page } = await bench.run(asked.quick === true, (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(`${asked.json ? JSON.stringify(report, mapsAsObjects) : page}\n`)
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

process.exitCode = await main().catch((error: unknown) => abort(error instanceof Error ? error.message : String(error)))
