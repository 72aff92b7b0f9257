import { describe, expect, test } from 'vitest'
import { batch, calledOff, claim, died, done, failed, NOW, newJob, newJobs } from './batch.ts'
import { add, idsOf, type LedgerHome, openIn, settle, take } from './stand.ts'

/** What operators and the retention do. */
export function actsConformance(name: string, findHome: () => LedgerHome): void {
  describe(`${name}: what operators do`, () => {
    test('a waiting job that is called off is over; one that runs is marked', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 2), newJob(3, { runAt: NOW + 5 }))
      const [running] = await take(ledger, 1)

      expect(await ledger.cancel(2, 'Not wanted.', NOW)).toBe('cancelled')
      expect(await ledger.cancel(3, 'Not wanted.', NOW)).toBe('cancelled')
      expect(await ledger.cancel(1, 'Not wanted.', NOW)).toBe('running')
      expect(await ledger.cancel(9, 'Not wanted.', NOW)).toBeUndefined()

      expect(await ledger.get(2)).toMatchObject({
        state: 'cancelled',
        reason: 'Not wanted.',
        endedAt: NOW,
        startedAt: null,
        attempts: [],
      })
      expect(await ledger.leases()).toMatchObject([{ id: 1, cancelRequested: true }])
      expect(await ledger.get(1)).toMatchObject({ state: 'running', cancelRequested: true })
      expect([ledger.hasReady(), ledger.nextDueAt()]).toEqual([false, undefined])
      await settle(ledger, calledOff(running!))
      expect(await ledger.cancel(1, 'Not wanted.', NOW)).toBe('cancelled')
      expect(ledger.counts()).toMatchObject({ cancelled: 3, running: 0, ready: 0, scheduled: 0 })
    })

    test('a dead or cancelled job that is retried has a whole set of attempts again, and keeps its history', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1, { maxAttempts: 1 }), newJob(2))
      const [first, second] = await take(ledger, 2)
      await settle(ledger, died(first!), calledOff(second!))

      expect([await ledger.retry(1, NOW + 9), await ledger.retry(2, NOW + 9)]).toEqual(['dead', 'cancelled'])
      expect(await take(ledger, 2)).toMatchObject([
        { id: 1, attempt: 2, maxAttempts: 2, readyAt: NOW + 9 },
        { id: 2, attempt: 2, maxAttempts: 4 },
      ])
      await settle(ledger, died({ id: 1, attempt: 2 }))
      await ledger.retry(1, NOW + 9)
      expect(await take(ledger, 1)).toMatchObject([{ id: 1, attempt: 3, maxAttempts: 3 }])
      expect((await ledger.get(1))!.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
      expect([await ledger.retry(1, NOW), await ledger.retry(9, NOW)]).toEqual(['running', undefined])
    })

    test('a dead job that is discarded is cancelled; others are left alone', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1), newJob(2))
      await settle(ledger, died((await take(ledger, 1))[0]!))

      expect([await ledger.discard(1, NOW), await ledger.discard(2, NOW), await ledger.discard(9, NOW)]).toEqual([
        'dead',
        'ready',
        undefined,
      ])
      expect(ledger.counts()).toMatchObject({ dead: 0, cancelled: 1, ready: 1 })
    })

    test('lists are newest first, by state, token and page', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 9), ...newJobs(10, 12, { token: 'b' }), newJob(13, { runAt: NOW + 9 }), ...newJobs(14, 15))
      const leased = await take(ledger, 6)
      await settle(ledger, done(leased[0]!), died(leased[2]!), calledOff(leased[4]!))
      const list = async (filter: object) => idsOf(await ledger.list({ limit: 100, ...filter }))

      expect(idsOf(leased)).toEqual([1, 10, 2, 11, 3, 12])
      expect(await list({ limit: 3 })).toEqual([15, 14, 13])
      expect(await list({ before: 13, limit: 2 })).toEqual([12, 11])
      expect(await list({ token: 'b' })).toEqual([12, 11, 10])
      expect(await list({ state: 'done' })).toEqual([1])
      expect(await list({ state: 'dead' })).toEqual([2])
      expect(await list({ state: 'cancelled' })).toEqual([3])
      expect(await list({ state: 'running' })).toEqual([12, 11, 10])
      expect(await list({ state: 'running', token: 'b', before: 12, limit: 1 })).toEqual([11])
      expect(await list({ state: 'scheduled' })).toEqual([13])
      expect(await list({ state: 'ready', token: 'token:1', before: 15 })).toEqual([14, 9, 8, 7, 6, 5, 4])
      expect(await list({ state: 'ready', token: 'b' })).toEqual([])
    })

    test('lists jobs of letters, whose ids are in ms, among those with ids in µs', async () => {
      const ledger = await openIn(findHome())
      const ms = 1_790_000_000_000
      const newest = [(ms + 3) * 1_000, ms + 2, (ms + 1) * 1_000 + 5, ms, ms * 1_000]
      await add(ledger, ...newest.toReversed().map((id) => newJob(id)))
      const paged = async (filter: object): Promise<number[]> => {
        const ids: number[] = []
        for (let page: number[] = [Number.NaN]; page.length > 0; ids.push(...page))
          page = idsOf(await ledger.list({ ...filter, limit: 1, ...(ids.length > 0 && { before: ids.at(-1)! }) }))
        return ids
      }

      expect([await paged({}), await paged({ state: 'ready' }), await paged({ token: 'token:1', state: 'ready' })]).toEqual([
        newest,
        newest,
        newest,
      ])
      expect(ledger.lastId()).toBe(newest[0])
    })

    test('says how long the first has been waiting, and which tokens stand nearest their limits', async () => {
      const ledger = await openIn(findHome(), { perToken: 4, queuePerToken: 10 })
      expect([await ledger.oldestReadyAt(), ledger.loads(9)]).toEqual([null, []])
      await ledger.commit(batch({ nowMs: NOW + 7, add: [newJob(2, { token: 'b' })] }))
      await ledger.commit(batch({ nowMs: NOW + 3, add: [newJob(5), newJob(6), newJob(7)] }))
      await ledger.commit(batch({ claim: [claim(2)] }))

      expect(await ledger.oldestReadyAt()).toBe(NOW + 3)
      expect(ledger.loads(9)).toEqual([
        { token: 'b', running: 1, runningLimit: 4, waiting: 0, waitingLimit: 10 },
        { token: 'token:1', running: 1, runningLimit: 4, waiting: 2, waitingLimit: 10 },
      ])
      expect(ledger.loads(1)).toHaveLength(1)
    })
  })

  describe(`${name}: ends`, () => {
    test('every end is told until it was announced, oldest first', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 4))
      const [one, two, three] = await take(ledger, 3)
      await settle(ledger, done(three!), died(one!))
      await settle(ledger, failed(two!, NOW + 9))
      await ledger.cancel(4, 'Not wanted.', NOW)

      expect(idsOf(await ledger.unannounced(9))).toEqual([3, 1, 4])
      expect(await ledger.unannounced(1)).toMatchObject([{ id: 3, payload: '{"job":3}', result: '{"ok":true}' }])
      await ledger.announced([3])
      await ledger.commit(batch({ announced: [4] }))
      expect(idsOf(await ledger.unannounced(9))).toEqual([1])
      await ledger.retry(1, NOW)
      expect(await ledger.unannounced(9)).toEqual([])
    })

    test('what was over for long enough and is announced is removed, dead jobs later', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, ...newJobs(1, 5))
      const leased = await take(ledger, 4)
      await settle(ledger, done(leased[0]!), done(leased[1]!), died(leased[2]!), calledOff(leased[3]!))
      await ledger.announced([1, 3, 4])

      expect(await ledger.purge({ over: NOW + 2, dead: NOW + 2 }, 9)).toBe(0)
      expect(await ledger.purge({ over: NOW + 3, dead: NOW }, 1)).toBe(1)
      expect(await ledger.purge({ over: NOW + 3, dead: NOW }, 9)).toBe(1)
      expect(idsOf(await ledger.list({ limit: 9 }))).toEqual([5, 3, 2])
      expect(await ledger.purge({ over: NOW, dead: NOW + 3 }, 9)).toBe(1)
      expect(ledger.counts()).toEqual({ scheduled: 0, ready: 1, running: 0, done: 1, cancelled: 0, dead: 0 })
    })
  })
}
