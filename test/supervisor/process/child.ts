/** A child that does as it is told: `child.ts <name> <journal> [manner…]`. It writes what happens to it into the journal, one line each. */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { parent } from '../../../src/supervisor/parent.ts'

const [name = '', journal = '', ...manners] = process.argv.slice(2)
const is = (manner: string): boolean => manners.includes(manner)
const write = (event: string): void => appendFileSync(journal, `${name} ${event}\n`)
const supervisor = parent()!

write(`began ${manners.join(' ')}`.trim())
setInterval(() => {}, 1_000)
process.on('SIGTERM', () => {
  write('told')
  if (is('stubborn')) return
  write('ended')
  process.exit(0)
})
supervisor.onGone(() => {
  write('orphaned')
  process.exit(0)
})
if (is('says-allocator')) write(`allocates by ${process.env['MALLOC_MMAP_THRESHOLD_']} and ${process.env['MALLOC_ARENA_MAX']}`)
if (is('refuses')) process.exit(78)
if (is('crashes')) process.exit(7)
if (is('has-grandchild')) startGrandchild(false)
if (is('has-runaway')) startGrandchild(true)
if (is('reports')) setInterval(() => write(`heard ${JSON.stringify(supervisor.processes())}`), 20)
if (is('plans')) supervisor.tell({ kind: 'plan', workers: 3, logLevel: 'warn', stopMs: 100 })
supervisor.tell({ kind: 'ready', ...(is('chooses') && { again: ['chosen'] }) })
if (is('breaks')) process.exit(7)
if (is('refuses-late') && !is('chosen')) setTimeout(() => process.exit(78), 50)

/** @param detached in a group of its own */
function startGrandchild(detached: boolean): void {
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
  const { pid } = spawn(process.execPath, ['-e', script], { stdio: 'ignore', detached })
  write(`grandchild ${pid}`)
}
