import { describe, expect, test } from 'vitest'
import { batch, claim, died, done, failed, NOW, newJob, newJobs, snoozed } from './batch.ts'
import { add, idsOf, type LedgerHome, openIn, settle, stateOf, take } from './stand.ts'

/** What becomes of a job, and when two are one. */
export function lifeConformance(name: string, findHome: () => LedgerHome): void {
  describe(`${name}: the life of a job`, () => {
    test('a job that is added, claimed and done tells all of it', async () => {
      const ledger = await openIn(findHome())

      const [added] = await add(ledger, newJob(1, { key: 'k', priority: 5, timeoutMs: 700 }))
      const [leased] = await take(ledger, 1)
      await settle(ledger, done(leased!))

      expect(added).toEqual({ id: 1, isNew: true, state: 'ready' })
      expect(leased).toEqual({
        id: 1,
        token: 'token:1',
        level: 0,
        attempt: 1,
        maxAttempts: 3,
        timeoutMs: 700,
        payload: '{"job":1}',
        readyAt: NOW,
      })
      expect(await ledger.get(1)).toMatchObject({
        state: 'done',
        key: 'k',
        priority: 5,
        attempt: 1,
        maxAttempts: 3,
        createdAt: NOW,
        startedAt: NOW + 1,
        endedAt: NOW + 2,
        worker: 'worker-1',
        reason: null,
        payload: '{"job":1}',
        result: '{"ok":true}',
        attempts: [{ attempt: 1, startedAt: NOW + 1, endedAt: NOW + 2, worker: 'worker-1', verdict: 'done', reason: null }],
      })
    })

    test('a job that is claimed in the tick that brought it is running, and told like any other', async () => {
      const ledger = await openIn(findHome())

      const { added, claimed } = await ledger.commit(
        batch({ add: [newJob(1, { timeoutMs: 700 }), newJob(2)], claim: [claim(1)] }),
      )

      expect(added).toEqual([
        { id: 1, isNew: true, state: 'running' },
        { id: 2, isNew: true, state: 'ready' },
      ])
      expect(claimed[0]).toMatchObject([{ id: 1, attempt: 1, timeoutMs: 700, payload: '{"job":1}', readyAt: NOW }])
      expect(await ledger.get(1)).toMatchObject({
        state: 'running',
        startedAt: NOW,
        endedAt: null,
        attempts: [{ attempt: 1, startedAt: NOW, endedAt: null, verdict: null }],
      })
      expect(await settle(ledger, done(claimed[0]![0]!))).toEqual([true])
    })

    test('a result comes back whole, be it short, long or none', async () => {
      const ledger = await openIn(findHome())
      const results = ['null', `"${'ä'.repeat(150)}"`, `"${'long '.repeat(20_000)}"`, null]
      await add(ledger, ...newJobs(1, 4))
      const leased = await take(ledger, 4)

      await settle(ledger, ...leased.map((job, index) => done(job, { result: results[index]! })))

      expect(await Promise.all([1, 2, 3, 4].map(async (id) => (await ledger.get(id))!.result))).toEqual(results)
    })

    test('what a settlement frees can be claimed in the same tick', async () => {
      const ledger = await openIn(findHome(), { perToken: 1 })
      const first = (await ledger.commit(batch({ add: newJobs(1, 2), claim: [claim(2)] }))).claimed[0]!

      const { claimed } = await ledger.commit(batch({ settle: first.map((job) => done(job)), claim: [claim(1)] }))

      expect(idsOf(first)).toEqual([1])
      expect(idsOf(claimed[0]!)).toEqual([2])
    })

    test('a failed attempt waits for its time, counts, and stays in the history', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1))
      await settle(ledger, failed((await take(ledger, 1))[0]!, NOW + 500))

      expect(await take(ledger, 1)).toEqual([])
      expect(ledger.nextDueAt()).toBe(NOW + 500)
      const { claimed } = await ledger.commit(batch({ nowMs: NOW + 500, claim: [claim(1)] }))
      expect(claimed[0]).toMatchObject([{ id: 1, attempt: 2, readyAt: NOW + 500 }])
      await settle(ledger, died(claimed[0]![0]!))

      expect(await ledger.get(1)).toMatchObject({
        state: 'dead',
        attempt: 2,
        reason: 'The line broke.',
        result: null,
        attempts: [
          { attempt: 1, verdict: 'retry', reason: 'The line broke.', worker: 'worker-1', endedAt: NOW + 2 },
          { attempt: 2, verdict: 'retry', reason: 'The line broke.' },
        ],
      })
      expect(ledger.nextDueAt()).toBeUndefined()
    })

    test('a snoozed attempt is given back', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1))
      await settle(ledger, snoozed((await take(ledger, 1))[0]!, NOW))

      const again = await take(ledger, 1)

      expect(again).toMatchObject([{ id: 1, attempt: 1 }])
      expect((await ledger.get(1))!.attempts).toMatchObject([
        { attempt: 1, verdict: 'snooze' },
        { attempt: 1, verdict: null },
      ])
    })

    test('only the current attempt can end a job, and only once', async () => {
      const ledger = await openIn(findHome())
      await add(ledger, newJob(1), newJob(2))
      const [one, two] = await take(ledger, 2)

      expect(await settle(ledger, done({ id: 1, attempt: 2 }), done({ id: 3, attempt: 1 }))).toEqual([false, false])
      await settle(ledger, failed(one!, NOW))
      const [again] = await take(ledger, 1)
      expect(await settle(ledger, done(one!), done(two!), done(two!))).toEqual([false, true, false])
      expect(await stateOf(ledger, 1)).toBe('running')
      expect(await settle(ledger, done(again!))).toEqual([true])
    })
  })

  describe(`${name}: ids and keys`, () => {
    test('the same id twice is one job, in one tick, later, and after it is over', async () => {
      const ledger = await openIn(findHome())

      expect(await add(ledger, newJob(5), newJob(5))).toEqual([
        { id: 5, isNew: true, state: 'ready' },
        { id: 5, isNew: false, state: 'ready' },
      ])
      const [leased] = await take(ledger, 9)
      expect(await add(ledger, newJob(5), newJob(4))).toEqual([
        { id: 5, isNew: false, state: 'running' },
        { id: 4, isNew: true, state: 'ready' },
      ])
      await settle(ledger, done(leased!))
      expect(await add(ledger, newJob(5))).toEqual([{ id: 5, isNew: false, state: 'done' }])
    })

    test('the same key is the same job as long as it is kept', async () => {
      const ledger = await openIn(findHome())

      const first = await ledger.commit(
        batch({ add: [newJob(1, { key: 'a' }), newJob(2, { key: 'a' }), newJob(3)], claim: [claim(1)] }),
      )
      expect(first.added).toEqual([
        { id: 1, isNew: true, state: 'running' },
        { id: 1, isNew: false, state: 'running' },
        { id: 3, isNew: true, state: 'ready' },
      ])
      await settle(ledger, done(first.claimed[0]![0]!))
      expect(await add(ledger, newJob(4, { key: 'a' }))).toEqual([{ id: 1, isNew: false, state: 'done' }])

      await ledger.announced([1])
      expect(await ledger.purge({ over: NOW + 10, dead: 0 }, 10)).toBe(1)
      expect(await add(ledger, newJob(5, { key: 'a' }))).toEqual([{ id: 5, isNew: true, state: 'ready' }])
    })

    test('a key of a job for later holds too', async () => {
      const ledger = await openIn(findHome())

      expect(await add(ledger, newJob(1, { key: 'a', runAt: NOW + 1 }), newJob(2, { key: 'a' }))).toEqual([
        { id: 1, isNew: true, state: 'scheduled' },
        { id: 1, isNew: false, state: 'scheduled' },
      ])
    })
  })
}
