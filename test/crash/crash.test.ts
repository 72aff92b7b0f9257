import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCrashSuite } from './crash-suite.ts'
import { VICTIMS } from './gateway.ts'

const ROUNDS = 6
/** Kills every kind of process at least once in so many rounds. */
const SEED = 7

test('accepted jobs survive the death of front, worker and supervisor, and run no more often than they may', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const reports = await runCrashSuite({ rounds: ROUNDS, seed: SEED, folder })

  expect(reports.flatMap(({ broken }) => broken)).toEqual([])
  expect(new Set(reports.map(({ victim }) => victim))).toEqual(new Set(VICTIMS))
  expect(reports.every(({ accepted, outcomes }) => accepted > 0 && (outcomes['ok'] ?? 0) > 0)).toBe(true)
})
