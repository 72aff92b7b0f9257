/**
 * `npm run matrix`: real servers from the npm registry behind the gateway, with credentials that open nothing.
 *
 * Installs them into the user's cache folder, compares what they list with what the gateway lists of them, restarts and kills them, and writes
 * the table of `asset/docs/upstreams.md`. Arguments name the aliases to run; then the table is only printed. Exits 0 only when nothing differs.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { markdownTable } from '../bench/table.ts'
import { commandOf, install } from './install.ts'
import { isFaithful, type MatrixRow, shown } from './matrix-row.ts'
import { bundledServers, INSTALLED_SERVERS } from './real-servers.ts'
import { type Runnable, runMatrix, startMatrixGateway } from './run-matrix.ts'

const PAGE = fileURLToPath(new URL('../../asset/docs/upstreams.md', import.meta.url))
const [BEGIN, END] = ['<!-- matrix: written by npm run matrix -->', '<!-- /matrix -->']

const wanted = process.argv.slice(2)
const note = (line: string): void => void process.stderr.write(`${line}\n`)

const dir = await mkdtemp(join(tmpdir(), 'gatehouse-matrix-'))
try {
  const rows = await examineAll()
  process.stdout.write(`${markdownTable(rows.map(shown))}\n`)
  for (const { server, lists, afterRestart, afterKill } of rows) {
    for (const difference of [...lists, ...afterRestart, ...afterKill]) process.stdout.write(`${server.alias}: ${difference}\n`)
  }
  if (wanted.length === 0) await writeTable(rows)
  if (!rows.every(isFaithful)) process.exitCode = 1
} finally {
  await rm(dir, { recursive: true })
}

async function examineAll(): Promise<MatrixRow[]> {
  const files = join(dir, 'files')
  await mkdir(files)
  const servers = [...bundledServers(files), ...INSTALLED_SERVERS].filter(
    ({ alias }) => wanted.length === 0 || wanted.includes(alias),
  )
  const runnables: Runnable[] = []
  for (const server of servers) {
    note(`installing ${server.package} ${server.version}`)
    runnables.push({ server, command: await commandOf(server, await install(server)) })
  }
  const gateway = await startMatrixGateway(dir, runnables)
  try {
    return await runMatrix(gateway, runnables, note)
  } finally {
    await gateway.child.stop()
  }
}

async function writeTable(rows: readonly MatrixRow[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`${PAGE} has no place for the table`)
  await writeFile(PAGE, `${page.slice(0, before + BEGIN.length)}\n${markdownTable(rows.map(shown))}\n${page.slice(after)}`)
}
