import { describe, expect, test } from 'vitest'
import type { Claim } from '../../../queue/ledger/ledger.ts'
import { batch, claim, done, failed, NOW, newJob, newJobs } from './batch.ts'
import { add, idsOf, type LedgerHome, openIn, settle, take } from './stand.ts'

/** Who gets the next place, and for how long. */
export function turnsConformance(name: string, findHome: () => LedgerHome): void {
  describe(`${name}: order, turns and limits`, () => {
    test('higher priority goes first, then the lower id', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(3), newJob(1), newJob(4, { priority: 7 }), newJob(2), newJob(5, { priority: -7 }))

      expect(idsOf(await take(ledger, 9))).toEqual([4, 1, 2, 3, 5])
    })

    test('what is new goes before what waits, where its priority says so', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1))

      const { claimed } = await ledger.commit(batch({ add: [newJob(2, { priority: 1 })], claim: [claim(1)] }))

      expect(idsOf(claimed[0]!)).toEqual([2])
    })

    test('tokens take turns, over one claim and from claim to claim', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 4, { token: 'a' }), ...newJobs(5, 6, { token: 'b' }), newJob(7, { token: 'c' }))

      expect(idsOf(await take(ledger, 4))).toEqual([1, 5, 7, 2])
      expect(idsOf(await take(ledger, 9))).toEqual([6, 3, 4])
    })

    test('one job of a token gets the next turn, whatever another token has waiting', async () => {
      const ledger = await openIn(findHome())
      for (let from = 1; from < 10_000; from += 1_000) await add(ledger, ...newJobs(from, from + 999, { token: 'many' }))
      expect(idsOf(await take(ledger, 4))).toEqual([1, 2, 3, 4])

      await add(ledger, newJob(20_000, { token: 'one' }))

      expect(idsOf(await take(ledger, 2))).toContain(20_000)
    })

    test('a token runs no more than its limit, and its override counts at once', async () => {
      const ledger = await openIn(findHome(), { perToken: 2 })
      await add(ledger, ...newJobs(1, 9), newJob(10, { token: 'other' }))

      const first = await take(ledger, 9)
      expect(idsOf(first)).toEqual([1, 10, 2])
      expect(ledger.hasReady()).toBe(false)
      await ledger.setLimit({ token: 'token:1', running: 4, waiting: null })
      expect(ledger.hasReady()).toBe(true)
      expect(idsOf(await take(ledger, 9))).toEqual([3, 4])
      await ledger.setLimit({ token: 'token:1', running: null, waiting: null })
      await settle(ledger, done(first[0]!), done(first[2]!))
      expect(await take(ledger, 9)).toEqual([])
      expect(await ledger.limits()).toEqual([])
    })

    test('one more than may wait is refused; others are not', async () => {
      const ledger = await openIn(findHome(), { queuePerToken: 2 })

      const added = await add(
        ledger,
        ...newJobs(1, 3),
        newJob(4, { token: 'other' }),
        newJob(5, { runAt: NOW + 1 }),
        newJob(6, { level: 1 }),
      )

      expect(added).toMatchObject([
        { state: 'ready' },
        { state: 'ready' },
        { refused: 'queuePerToken', limit: 2 },
        { state: 'ready' },
        { refused: 'queuePerToken', limit: 2 },
        { state: 'ready' },
      ])
      expect(await ledger.get(3)).toBeUndefined()
      await ledger.setLimit({ token: 'token:1', running: null, waiting: 3 })
      expect(await add(ledger, newJob(7), newJob(8))).toMatchObject([{ state: 'ready' }, { refused: 'queuePerToken', limit: 3 }])
    })

    test('each level has places of its own, and nested jobs take none of their token', async () => {
      const ledger = await openIn(findHome(), { perToken: 1 })
      await add(ledger, ...newJobs(1, 2), ...newJobs(3, 5, { level: 1 }), newJob(6, { level: 9 }))

      expect(idsOf(await take(ledger, 5, 2))).toEqual([1, 3, 4])
      expect(await take(ledger, 5, 0)).toEqual([])
      expect(await take(ledger, 0, 5)).toMatchObject([
        { id: 5, level: 1 },
        { id: 6, level: 1 },
      ])
    })

    test('thousands of tokens that come and go leave the count of no other wrong', async () => {
      const ledger = await openIn(findHome(), { queuePerToken: 1 })
      await add(ledger, newJob(1, { token: 'nested', level: 1 }))
      const [nested] = await take(ledger, 0, 1)
      for (let id = 10; id < 5_000; id += 500) {
        const crowd = Array.from({ length: 500 }, (_, index) => newJob(id + index, { token: `crowd:${id + index}` }))
        const { claimed } = await ledger.commit(batch({ add: crowd, claim: [claim(500)] }))
        await settle(ledger, ...claimed[0]!.map((job) => done(job)))
      }

      await settle(ledger, failed(nested!, NOW + 5))

      expect(await add(ledger, newJob(2, { token: 'nested', level: 1 }))).toEqual([{ refused: 'queuePerToken', limit: 1 }])
      const { claimed } = await ledger.commit(batch({ nowMs: NOW + 5, claim: [claim(0, 9)] }))
      expect(idsOf(claimed[0]!)).toEqual([1])
      expect(await add(ledger, newJob(2, { token: 'nested', level: 1 }))).toMatchObject([{ isNew: true }])
      expect(await add(ledger, newJob(3, { token: 'nested', level: 1 }))).toMatchObject([{ refused: 'queuePerToken' }])
    })

    test('workers get what they ask for in their order', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 5))
      const other: Claim = { ...claim(9), worker: 'worker-2' }

      const { claimed } = await ledger.commit(batch({ claim: [claim(2), other] }))

      expect(claimed.map(idsOf)).toEqual([
        [1, 2],
        [3, 4, 5],
      ])
      expect(idsOf(await ledger.leases('worker-2'))).toEqual([3, 4, 5])
    })

    test('a paused lane takes jobs and gives none', async () => {
      const ledger = await openIn(findHome())
      await ledger.setPaused(true)

      const { added, claimed } = await ledger.commit(batch({ add: [newJob(1)], claim: [claim(1)] }))

      expect(added).toEqual([{ id: 1, isNew: true, state: 'ready' }])
      expect(claimed).toEqual([[]])
      expect([ledger.isPaused(), ledger.hasReady()]).toEqual([true, false])
      await ledger.setPaused(false)
      expect(idsOf(await take(ledger, 1))).toEqual([1])
    })

    test('a clock that jumps loses nothing and turns nothing round', async () => {
      const ledger = await openIn(findHome())
      await ledger.commit(batch({ nowMs: NOW + 1e9, add: [newJob(1)] }))
      await ledger.commit(batch({ nowMs: NOW - 1e9, add: [newJob(2, { runAt: 0 }), newJob(3, { runAt: NOW })] }))

      const { claimed } = await ledger.commit(batch({ nowMs: NOW - 1e9, claim: [claim(9)] }))
      expect(idsOf(claimed[0]!)).toEqual([1, 2])
      expect(await ledger.expired(NOW, 9)).toEqual([])
      expect(idsOf((await ledger.commit(batch({ nowMs: NOW + 1e9, claim: [claim(9)] }))).claimed[0]!)).toEqual([3])
      expect(idsOf(await ledger.expired(NOW + 30_001, 2))).toEqual([1, 2])
    })
  })

  describe(`${name}: leases`, () => {
    test('a lease that nobody renews expires; one that is renewed does not', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 2))
      await take(ledger, 2)

      const gone = await ledger.renew(
        [
          { id: 1, attempt: 1 },
          { id: 2, attempt: 9 },
          { id: 3, attempt: 1 },
        ],
        NOW + 60_000,
      )

      expect(gone).toEqual([2, 3])
      expect(await ledger.expired(NOW + 30_000, 9)).toEqual([])
      expect(await ledger.expired(NOW + 30_001, 9)).toEqual([
        {
          id: 2,
          attempt: 1,
          level: 0,
          token: 'token:1',
          worker: 'worker-1',
          leaseUntil: NOW + 30_000,
          startedAt: NOW,
          maxAttempts: 3,
          timeoutMs: null,
          cancelRequested: false,
        },
      ])
    })

    test('a front that takes over gives every lease time, and takes none away', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 2))
      await take(ledger, 2)
      await ledger.renew([{ id: 1, attempt: 1 }], NOW + 90_000)

      await ledger.takeOver(NOW + 60_000)

      expect((await ledger.leases()).map(({ leaseUntil }) => leaseUntil)).toEqual([NOW + 90_000, NOW + 60_000])
    })
  })
}
