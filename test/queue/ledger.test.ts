import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqliteLedger } from '../../queue/ledger/sqlite-ledger.ts'
import { createTestLog } from '../support.ts'
import { ledgerConformance } from './ledger.conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

ledgerConformance('SQLite in a file', () => {
  files += 1
  const path = join(folder, `${files}.sqlite`)
  return { keeps: true, open: (policy) => openSqliteLedger({ lane: 'test', path, policy, log: createTestLog([]) }) }
})

ledgerConformance('SQLite in memory', () => ({
  keeps: false,
  open: (policy) => openSqliteLedger({ lane: 'test', path: ':memory:', policy, log: createTestLog([]) }),
}))
