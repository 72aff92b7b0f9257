/** A supervisor of its own process, which a test can kill: `tree.ts <program> <journal> <name…>`. */
import { createSupervisor } from '../../../src/supervisor/supervisor.ts'
import { silentLog } from '../silent-log.ts'

const [program = '', journal = '', ...names] = process.argv.slice(2)
createSupervisor({
  program,
  children: names.map((name) => ({ name, role: 'worker', argv: [name, journal] })),
  log: silentLog,
  nowMs: Date.now,
})
