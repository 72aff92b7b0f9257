import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import type { RunOptions, SettledJob } from '../../src/contract/queue.ts'
import { connectByHand, doneOf, type HandWorker, helloOf } from '../fixture/lane/hand-worker.ts'
import { echo, noop, odd } from '../fixture/lane/lanes.ts'
import { never, openStand, withPolicy, workersOf } from '../fixture/lane/stand.ts'
import { stoppedClock } from '../support.ts'

const options = (more: Partial<RunOptions> = {}): RunOptions => ({ token: 'token:1', signal: never(), ...more })

const beatOf = (lane: string, ids: readonly number[], attempts: readonly number[]): object => ({
  t: 'beat',
  vitals: { startedAt: 1, rssBytes: 1, heapBytes: 1, eventLoopDelayMs: 0, cpu: 0, threads: 1 },
  lanes: [{ lane, utilisation: 0.5, ids, attempts }],
})

/** What SIGSTOP and a debugger do to a process. */
const standStill = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const faultOf = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    (result) => {
      throw new Error(`resolved with ${JSON.stringify(result)}`)
    },
    (thrown) => thrown,
  )

/** A worker by hand that serves the lane `odd`. */
async function join1(path: string, hello = helloOf('odd', [2])): Promise<HandWorker> {
  const worker = await connectByHand(path)
  worker.send(hello)
  await worker.message('welcome')
  return worker
}

describe('what comes in', () => {
  test('is refused where it does not fit, is too large, nested too deep, or of an unknown lane', async () => {
    const stand = await openStand()
    const queue = await stand.front({ lanes: withPolicy({ odd: { maxPayloadBytes: 100 } }) })

    expect(await faultOf(queue.run(odd, { do: 'dance' } as never, options()))).toMatchObject({ code: 'invalid' })
    expect(await faultOf(queue.add(odd, { do: 'return', value: 'ü'.repeat(50) }, options()))).toMatchObject({
      code: 'too_large',
      data: { limit: 'maxPayloadBytes', value: 100 },
    })
    expect(await faultOf(queue.add(odd, { do: 'exit' }, options({ level: 1 })))).toMatchObject({ code: 'invalid' })
    expect(await faultOf(queue.jobs('nothing', { limit: 1 }))).toMatchObject({ code: 'not_found' })
    expect(queue.lanes().find(({ name }) => name === 'odd')?.totals.refused).toEqual({ maxPayloadBytes: 1 })
  })

  test('is refused with limit, value and a time to come back where too many of a token wait; others are not', async () => {
    const stand = await openStand()
    const queue = await stand.front({ lanes: withPolicy({ odd: { queuePerToken: 2 } }) })
    const add = (token: string) => queue.add(odd, { do: 'exit' }, { token })
    await Promise.all([add('token:1'), add('token:1')])

    expect(await faultOf(add('token:1'))).toMatchObject({
      code: 'busy',
      retryAfterMs: expect.any(Number),
      data: { limit: 'queuePerToken', value: 2, retryAfterMs: expect.any(Number) },
    })
    expect(await add('token:2')).toMatchObject({ isNew: true })
  })

  test('is one job where it has one id, or one key', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const add = (more: object) => queue.add(odd, { do: 'exit' }, { token: 'token:1', ...more })

    expect(await add({ id: 7 })).toEqual({ id: 7, isNew: true })
    expect(await add({ id: 7 })).toEqual({ id: 7, isNew: false })
    const { id } = await add({ key: 'k' })
    expect(await add({ key: 'k' })).toEqual({ id, isNew: false })
  })

  test('never gets the number of an old job, though the clock was set back and the front started anew', async () => {
    const stand = await openStand()
    const first = await stand.front()
    const ids = await Promise.all(Array.from({ length: 3_000 }, () => first.add(noop, null, { token: 'token:1' })))
    await first.stop(0)

    const second = await stand.front({ nowMs: () => Date.now() - 3_600_000 })

    const { id, isNew } = await second.add(noop, null, { token: 'token:1' })
    expect(isNew).toBe(true)
    expect(ids.every((old) => old.id < id)).toBe(true)
  })
})

describe('whoever waits', () => {
  test('is told that no worker serves the lane, and the job is taken back', async () => {
    const stand = await openStand()
    let steady = 0
    const queue = await stand.front({ steadyMs: () => steady })
    const waiting = faultOf(queue.run(odd, { do: 'exit' }, options()))

    steady = 5_001

    expect(await waiting).toMatchObject({ code: 'unavailable', data: { limit: 'no_worker' } })
    expect(await faultOf(queue.run(odd, { do: 'exit' }, options()))).toMatchObject({ code: 'unavailable' })
    await vi.waitFor(async () => expect((await queue.jobs('odd', { limit: 9 })).map(({ state }) => state)).toEqual(['cancelled']))
  })

  test('is told that it had no turn in time; one that runs goes on', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const worker = await join1(stand.socketPath, helloOf('odd', [1]))
    const running = queue.run(odd, { do: 'exit' }, options({ maxWaitMs: 100 }))
    const { ids } = await worker.message('jobs')

    expect(await faultOf(queue.run(odd, { do: 'exit' }, options({ maxWaitMs: 100 })))).toMatchObject({
      code: 'busy',
      data: { limit: 'maxWaitMs', value: 100, retryAfterMs: expect.any(Number) },
    })
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')
    expect(await running).toBe('ok')
  })

  test('is answered by a pause with a refusal once its time is up, and by the next turn when it ends before', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const worker = await join1(stand.socketPath)
    await queue.pause('odd')

    expect(await faultOf(queue.run(odd, { do: 'exit' }, options({ maxWaitMs: 50 })))).toMatchObject({ data: { limit: 'paused' } })
    const later = queue.run(odd, { do: 'exit' }, options())
    await queue.resume('odd')
    const { ids } = await worker.message('jobs')
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await later).toBe('ok')
  })

  test('takes the job back by its signal, unless another waits for the same key', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const [one, other] = [new AbortController(), new AbortController()]
    const first = faultOf(queue.run(odd, { do: 'exit' }, options({ key: 'k', signal: one.signal })))
    const second = faultOf(queue.run(odd, { do: 'exit' }, options({ key: 'k', signal: other.signal })))
    await vi.waitFor(async () => expect(await queue.jobs('odd', { limit: 9 })).toHaveLength(1))

    one.abort()
    expect(await first).toMatchObject({ code: 'cancelled' })
    expect((await queue.jobs('odd', { limit: 9 }))[0]?.state).toBe('ready')
    other.abort()
    expect(await second).toMatchObject({ code: 'cancelled' })
    await vi.waitFor(async () => expect((await queue.jobs('odd', { limit: 9 }))[0]?.state).toBe('cancelled'))
  })

  test('that comes with the key of a job that is over gets its result at once', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const worker = await join1(stand.socketPath)
    const first = queue.run(odd, { do: 'exit' }, options({ key: 'k' }))
    const { ids } = await worker.message('jobs')
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')
    await first

    expect(await queue.run(odd, { do: 'exit' }, options({ key: 'k' }))).toBe('ok')
    expect(worker.heard.filter(({ t }) => t === 'jobs')).toHaveLength(1)
  })

  test('is told when the front stops; a job that runs goes on without it', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const worker = await join1(stand.socketPath, helloOf('odd', [1]))
    const running = faultOf(queue.run(odd, { do: 'exit' }, options()))
    await worker.message('jobs')
    const waiting = faultOf(queue.run(odd, { do: 'exit' }, options()))

    await Promise.all([queue.stop(50), waiting])

    expect([await running, await waiting]).toMatchObject([{ code: 'unavailable' }, { code: 'unavailable' }])
    const next = await stand.front()
    expect((await next.jobs('odd', { limit: 9 })).map(({ state }) => state)).toEqual(['cancelled', 'running'])
  })
})

describe('a lease', () => {
  test('that nobody renews is given to somebody else; what the first says later is not heard', async () => {
    const stand = await openStand()
    const clock = stoppedClock()
    const queue = await stand.front({ ...clock, steadyMs: clock.nowMs })
    const silent = await join1(stand.socketPath, helloOf('odd', [1], { name: 'silent' }))
    const running = queue.run(odd, { do: 'exit' }, options({ maxAttempts: 2, maxWaitMs: 1e9 }))
    const given = await silent.message('jobs')
    const other = await join1(stand.socketPath, helloOf('odd', [1], { name: 'other' }))
    await workersOf(queue, 2)

    clock.advance(6_001)
    other.send(beatOf('odd', [], []))
    await vi.waitFor(async () => expect((await queue.jobs('odd', { limit: 1 }))[0]?.state).not.toBe('running'), 5_000)
    clock.advance(100)
    const again = await other.message('jobs')
    silent.send(doneOf('odd', given.ids[0]!, 1), '"xx"')
    await silent.message('ack')
    other.send(doneOf('odd', again.ids[0]!, 2), '"ok"')

    expect([again.ids, again.attempts]).toEqual([given.ids, [2]])
    expect(await running).toBe('ok')
    const job = await queue.job('odd', given.ids[0]!)
    expect(job?.attempts.map(({ verdict }) => verdict)).toEqual(['lost', 'done'])
  })

  test('that ran out in silence leaves the worker its places: it is told to stop, and given the next job when it has', async () => {
    const stand = await openStand()
    const clock = stoppedClock()
    const queue = await stand.front({ ...clock, steadyMs: clock.nowMs })
    const worker = await join1(stand.socketPath, helloOf('odd', [1]))
    const lost = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await worker.message('jobs')
    clock.advance(3_001)
    expect(await faultOf(lost)).toMatchObject({ code: 'unavailable' })

    worker.send(beatOf('odd', ids, [1]))
    expect(await worker.message('cancel')).toMatchObject({ ids, attempts: [1] })
    const next = queue.run(odd, { do: 'exit' }, options())
    worker.send(doneOf('odd', ids[0]!, 1), '"xx"')
    worker.send(beatOf('odd', [], []))
    const given = await worker.message('jobs', 2)
    worker.send(doneOf('odd', given.ids[0]!, 1), '"ok"')

    expect(await next).toBe('ok')
  })

  test('does not run out while the front itself stands still', async () => {
    const stand = await openStand()
    const queue = await stand.front({ lanes: withPolicy({ odd: { leaseMs: 2_000 } }) })
    const worker = await join1(stand.socketPath)
    const running = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await worker.message('jobs')

    standStill(3_500)
    await vi.waitFor(() => expect(stand.lines.map(({ event }) => event)).toContain('queue.front_stood_still'))
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
  })

  test('is renewed by beats, however the clock that people read is set', async () => {
    const stand = await openStand()
    const clock = stoppedClock()
    const queue = await stand.front({ nowMs: clock.nowMs })
    const worker = await join1(stand.socketPath)
    const running = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await worker.message('jobs')

    clock.advance(86_400_000)
    worker.send(beatOf('odd', ids, [1]))
    await vi.waitFor(() => expect(queue.workers()[0]?.vitals?.startedAt).toBe(1))
    const db = new BetterSqlite3(join(stand.dataDir, 'queue', 'odd.sqlite'), { readonly: true })
    await vi.waitFor(() => expect(db.prepare('select lease_until from job').pluck().get()).toBeGreaterThan(clock.nowMs()), 5_000)
    db.close()
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
  })
})

test('a worker that falls silent is given nothing until it is heard of again, and is called silent', async () => {
  const stand = await openStand()
  const clock = stoppedClock()
  const queue = await stand.front({ ...clock, steadyMs: clock.nowMs })
  const worker = await join1(stand.socketPath, helloOf('odd', [1]))

  clock.advance(5_000)
  const running = queue.run(odd, { do: 'exit' }, options())
  await vi.waitFor(() => expect(queue.lanes().find(({ name }) => name === 'odd')).toMatchObject({ ready: 1, capacity: 0 }))
  expect(queue.workers()).toMatchObject([{ isSilent: true }])
  worker.send(beatOf('odd', [], []))
  const { ids } = await worker.message('jobs')
  worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

  expect(await running).toBe('ok')
  expect(queue.workers()).toMatchObject([{ isSilent: false }])
})

describe('what connects', () => {
  test('is a socket for this user alone', async () => {
    const stand = await openStand()
    await stand.front()

    expect((await stat(stand.socketPath)).mode & 0o777).toBe(0o600)
  })

  test.each([
    ['garbage', (worker: HandWorker) => worker.socket.write('GET / HTTP/1.1\r\n\r\n')],
    ['a huge frame', (worker: HandWorker) => worker.socket.write(Buffer.alloc(8, 0xff))],
    ['a body before the greeting', (worker: HandWorker) => worker.send({ t: 'hello' }, 'x'.repeat(10))],
    ['a verdict before the greeting', (worker: HandWorker) => worker.send(doneOf('odd', 1, 1), '"ok"')],
  ])('with %s is cut off; others are served', async (_, speak) => {
    const stand = await openStand()
    const queue = await stand.front()
    const honest = await join1(stand.socketPath)
    const stranger = await connectByHand(stand.socketPath)

    speak(stranger)
    await stranger.closed()
    const running = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await honest.message('jobs')
    honest.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
    expect(stand.lines.map(({ event }) => event)).toContain('queue.garbled')
  })

  test.each([
    ['speaks a newer protocol', { ...helloOf('odd', [2]), protocol: 99, lanes: 'something new' }, /protocol/],
    ['serves a lane that there is not', helloOf('future', [1]), /no lane future/],
    ['counts other levels', helloOf('odd', [1, 1]), /levels/],
    ['has the name of another', helloOf('odd', [1], { instance: 'second' }), /name of its own/],
  ])('and %s is refused with the reason', async (_, hello, reason) => {
    const stand = await openStand()
    const queue = await stand.front()
    await join1(stand.socketPath)
    const worker = await connectByHand(stand.socketPath)

    worker.send(hello)

    expect((await worker.message('refuse')).reason).toMatch(reason)
    await worker.closed()
    expect(queue.workers()).toHaveLength(1)
  })

  test('cannot end jobs that others run', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const owner = await join1(stand.socketPath, helloOf('odd', [1]))
    const running = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await owner.message('jobs')
    const thief = await join1(stand.socketPath, helloOf('odd', [1], { name: 'thief' }))

    thief.send(doneOf('odd', ids[0]!, 1), '"no"')
    await thief.message('ack')
    owner.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
  })
})

describe('a handler', () => {
  test('is told how each job ended before whoever waits, and one that throws stops nothing', async () => {
    const stand = await openStand()
    const told: SettledJob[] = []
    const queue = await stand.front({
      prepare: (given) =>
        given.handle(odd, {
          settled: async (job) => {
            told.push(job)
            throw new Error('the store is closed')
          },
        }),
    })
    const worker = await join1(stand.socketPath)
    const running = queue.run(odd, { do: 'return', value: 5 }, options())
    const { ids } = await worker.message('jobs')
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
    expect(told).toMatchObject([{ state: 'done', result: 'ok', payload: { do: 'return', value: 5 }, token: 'token:1' }])
    expect(stand.lines.map(({ event }) => event)).toContain('queue.handler_failed')
    await queue.stop(0)
    const again: SettledJob[] = []
    await stand.front({ prepare: (given) => given.handle(odd, { settled: async (job) => void again.push(job) }) })
    expect(again).toMatchObject([{ id: ids[0], state: 'done', result: 'ok' }])
  })

  test('keeps nobody waiting with what it does then', async () => {
    const stand = await openStand()
    const kept = Promise.withResolvers<void>()
    const queue = await stand.front({ prepare: (given) => given.handle(odd, { settled: () => kept.promise }) })
    const worker = await join1(stand.socketPath)
    const running = queue.run(odd, { do: 'exit' }, options())
    const { ids } = await worker.message('jobs')
    worker.send(doneOf('odd', ids[0]!, 1), '"ok"')

    expect(await running).toBe('ok')
    kept.resolve()
    await queue.stop(0)
  })
})

test('a file that refuses refuses what is new; what ended is written when there is room again', async () => {
  const stand = await openStand()
  const queue = await stand.front()
  const worker = await join1(stand.socketPath)
  const running = queue.run(odd, { do: 'exit' }, options())
  const { ids } = await worker.message('jobs')
  const other = new BetterSqlite3(join(stand.dataDir, 'queue', 'odd.sqlite'))
  other.exec('begin immediate')

  worker.send(doneOf('odd', ids[0]!, 1), '"ok"')
  const refused = faultOf(queue.add(odd, { do: 'exit' }, { token: 'token:2' }))

  expect(await refused).toMatchObject({ code: 'unavailable' })
  expect(worker.heard.some(({ t }) => t === 'ack')).toBe(false)
  other.exec('rollback')
  other.close()
  expect(await running).toBe('ok')
  await worker.message('ack')
})

test('one job of a token does not wait for ten thousand of another', async () => {
  const stand = await openStand()
  const queue = await stand.front({ lanes: withPolicy({ odd: { queuePerToken: 20_000, perToken: 2 } }) })
  await Promise.all(Array.from({ length: 10_000 }, () => queue.add(odd, { do: 'exit' }, { token: 'token:many' })))
  const worker = await join1(stand.socketPath)
  const first = await worker.message('jobs')

  const single = queue.run(odd, { do: 'exit' }, options({ token: 'token:one' }))
  await vi.waitFor(() => expect(queue.lanes().find(({ name }) => name === 'odd')?.ready).toBe(9_999))
  worker.send(doneOf('odd', first.ids[0]!, 1), 'null')
  const second = await worker.message('jobs', 2)
  worker.send(doneOf('odd', second.ids[0]!, 1), '"me"')
  const third = await worker.message('jobs', 3)
  worker.send(doneOf('odd', third.ids[0]!, 1), '"me"')

  expect(await single).toBe('me')
})

test('a job for later runs when it is due, and nothing wakes the lane before', async () => {
  const stand = await openStand()
  const queue = await stand.front()
  const worker = await join1(stand.socketPath, helloOf('echo', [1]))
  const runAt = Date.now() + 300

  const { id } = await queue.add(echo, 1, { token: 'token:1', runAt })
  const given = await worker.message('jobs')

  expect(given.ids).toEqual([id])
  expect(Date.now()).toBeGreaterThanOrEqual(runAt)
})
