import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../../queue/ledger/ledger.ts'
import { died, done, NOW, newJob, newJobs } from './batch.ts'
import { add, idsOf, type LedgerHome, ROOMY, settle, take } from './stand.ts'

/** What is still there after the ledger was closed. */
export function reopenConformance(name: string, findHome: () => LedgerHome): void {
  describe.runIf(findHome().keeps)(`${name}: closed and opened again`, () => {
    test('everything is where it was', async () => {
      const home = findHome()
      const before = await home.open({ ...ROOMY, perToken: 2 })
      await before.setLimit({ token: 'a', running: 3, waiting: 4 })
      await add(
        before,
        ...newJobs(1, 5, { token: 'a' }),
        newJob(6, { runAt: NOW + 9 }),
        newJob(7, { priority: 3 }),
        newJob(8, { level: 1 }),
      )
      const leased = await take(before, 4, 1)
      await settle(before, done(leased[0]!), died(leased[1]!))
      await before.cancel(leased[2]!.id, 'Not wanted.', NOW)
      await before.announced([leased[0]!.id])
      await before.setPaused(true)
      const known = async (ledger: Ledger) => ({
        counts: ledger.counts(),
        due: ledger.nextDueAt(),
        paused: ledger.isPaused(),
        leases: await ledger.leases(),
        limits: await ledger.limits(),
        loads: ledger.loads(9),
        unannounced: await ledger.unannounced(9),
        list: await ledger.list({ limit: 99 }),
      })
      const was = await known(before)
      await before.close()

      const after = await home.open({ ...ROOMY, perToken: 2 })
      onTestFinished(() => after.close())

      expect(await known(after)).toEqual(was)
      expect(idsOf(leased)).toEqual([7, 1, 2, 3, 8])
      expect(was.counts).toEqual({ scheduled: 1, ready: 1, running: 3, done: 1, cancelled: 0, dead: 1 })
      await after.setPaused(false)
      expect(idsOf(await take(after, 9, 9))).toEqual([4])
      expect(await settle(after, done(leased[2]!))).toEqual([true])
    })

    test('what was nested deeper than the lane goes now is run at the deepest level', async () => {
      const home = findHome()
      const before = await home.open({ ...ROOMY, levels: 4 })
      await add(before, newJob(1, { level: 3 }), newJob(2, { level: 3 }))
      await take(before, 0, 0, 0, 1)
      await before.close()

      const after = await home.open({ ...ROOMY, levels: 2 })
      onTestFinished(() => after.close())

      expect(await after.leases()).toMatchObject([{ id: 1, level: 1 }])
      expect(await take(after, 9, 9)).toMatchObject([{ id: 2, level: 1 }])
    })
  })
}
