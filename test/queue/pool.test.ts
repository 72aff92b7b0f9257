import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { OpenQueue } from '../../queue/open-queue.ts'
import { echo, odd, shared, talk } from '../fixture/lane/lanes.ts'
import { never, openStand, runningIn, type Stand, workersOf } from '../fixture/lane/stand.ts'

interface Opened extends Stand {
  readonly queue: OpenQueue
}

const open = async (...args: Parameters<Stand['front']>): Promise<Opened> => {
  const stand = await openStand()
  const queue = await stand.front(...args)
  stand.worker('worker-1')
  await workersOf(queue, 1)
  return { ...stand, queue }
}

const options = { token: 'token:1', signal: never() }

const faultOf = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    (result) => {
      throw new Error(`resolved with ${JSON.stringify(result)}`)
    },
    (thrown) => thrown,
  )

describe('a worker', () => {
  test('runs a job and hands over its result, whatever letters it is written in', async () => {
    const { queue } = await open()

    expect(await queue.run(echo, { text: 'ü 𝄞 "quoted" \u2028', list: [1, null] }, options)).toEqual({
      text: 'ü 𝄞 "quoted" \u2028',
      list: [1, null],
    })
  })

  test('survives a task that ends its thread, each time: the job is dead, others go on', async () => {
    const { queue } = await open()

    const { id } = await queue.add(odd, { do: 'exit' }, { token: 'token:1', maxAttempts: 3 })
    const others = Array.from({ length: 10 }, (_, value) => queue.run(odd, { do: 'return', value }, options))

    expect(await Promise.all(others)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await vi.waitFor(async () => expect((await queue.job('odd', id))?.state).toBe('dead'), 10_000)
    const job = await queue.job('odd', id)
    expect(job?.attempts.map(({ verdict }) => verdict)).toEqual(['retry', 'retry', 'retry'])
    expect(job?.reason).toMatch(/thread that ran it ended: .*exited with code: 7/)
  })

  test('survives a task that takes all memory', async () => {
    const { queue } = await open()

    const fault = await faultOf(queue.run(odd, { do: 'oom' }, options))

    expect(fault.code).toBe('internal')
    expect(await queue.run(odd, { do: 'return', value: 'well' }, options)).toBe('well')
    expect((await queue.jobs('odd', { state: 'dead', limit: 1 }))[0]?.reason).toMatch(/memory/)
  })

  test('survives what nobody caught, and what was thrown is not shown', async () => {
    const { queue } = await open()

    expect(await faultOf(queue.run(odd, { do: 'reject' }, options))).toMatchObject({ code: 'internal' })
    const fault = await faultOf(queue.run(odd, { do: 'throw', message: 'password is 1234' }, options))

    expect(fault.code).toBe('internal')
    expect(fault.message).not.toContain('1234')
  })

  test('ends a thread that computes for ever, soon after the deadline, and gives its place to the next', async () => {
    const { queue } = await open()
    await queue.run(odd, { do: 'return', value: 1 }, options)
    const began = performance.now()

    const spinning = Array.from({ length: 2 }, () => faultOf(queue.run(odd, { do: 'spin' }, { ...options, timeoutMs: 300 })))
    const faults = await Promise.all(spinning)

    expect(faults.map(({ code }) => code)).toEqual(['timeout', 'timeout'])
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(await queue.run(odd, { do: 'return', value: 'next' }, options)).toBe('next')
  })

  test('tells a task that its time is up before it ends the thread', async () => {
    const { queue } = await open()

    expect(await faultOf(queue.run(shared, { do: 'obey' }, { ...options, timeoutMs: 200 }))).toMatchObject({ code: 'timeout' })
    expect(queue.workers()[0]?.vitals?.threads ?? 1).toBeGreaterThanOrEqual(1)
  })

  test('ends a shared thread only when a task does not obey; what runs beside it costs an attempt', async () => {
    const { queue, dataDir } = await open()
    const file = join(dataDir, 'go')
    const beside = queue.run(shared, { do: 'wait', file }, { ...options, maxAttempts: 2 })
    await runningIn(queue, shared, 1)

    const fault = await faultOf(queue.run(shared, { do: 'spin' }, { ...options, timeoutMs: 100 }))
    await writeFile(file, '')

    expect(fault.code).toBe('timeout')
    expect(await beside).toMatchObject({ attempt: 2 })
  })

  test('stops a running task that is called off, by its signal or by its thread', async () => {
    const { queue } = await open()
    const abort = new AbortController()
    const obedient = faultOf(queue.run(odd, { do: 'obey' }, { ...options, signal: abort.signal }))
    const deaf = faultOf(queue.run(odd, { do: 'spin' }, { ...options, signal: abort.signal }))
    await runningIn(queue, odd, 2)

    abort.abort()

    expect(await obedient).toMatchObject({ code: 'cancelled' })
    expect(await deaf).toMatchObject({ code: 'cancelled' })
    await runningIn(queue, odd, 0)
    expect((await queue.jobs('odd', { limit: 5 })).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  })

  test('refuses a result that is too large, and one that is no verdict', async () => {
    const { queue } = await open()

    expect(await faultOf(queue.run(odd, { do: 'fill', bytes: 9_000_000 }, options))).toMatchObject({ code: 'too_large' })
    expect(await faultOf(queue.run(odd, { do: 'verdict', verdict: { kind: 'nonsense' } }, options))).toMatchObject({
      code: 'internal',
    })
    expect(await queue.run(odd, { do: 'return', value: 1 }, options)).toBe(1)
  })

  test('carries every verdict: a fault of the task, another try, a later look', async () => {
    const { queue } = await open()
    const cancel = { kind: 'cancel', reason: 'There is no such file.', code: 'not_found', secret: 'x' }

    expect(await faultOf(queue.run(odd, { do: 'verdict', verdict: cancel }, options))).toMatchObject({
      code: 'not_found',
      message: 'There is no such file.',
    })
    expect(await queue.run(odd, { do: 'attempts', succeedAt: 3 }, { ...options, maxAttempts: 3 })).toBe(3)
    const dead = await faultOf(queue.run(odd, { do: 'attempts', succeedAt: 3 }, { ...options, maxAttempts: 2 }))
    expect(dead).toMatchObject({ code: 'upstream', message: 'attempt 2 is not enough' })
  })

  test('hands questions to the front and answers back, refusals with their code', async () => {
    const { queue } = await open({
      prepare: (given) =>
        given.handle(talk, {
          ask: async (job, name, body) => {
            if (name === 'fault') throw Object.assign(new Error('hidden'), { secret: 1 })
            return { name, body, token: job.token, level: job.level, payload: job.payload }
          },
        }),
    })
    const chunks: unknown[] = []
    const payload = {
      asks: [
        { name: 'one', body: { a: 1 } },
        { name: 'fault', body: null },
      ],
      chunks: [1, { two: 2 }],
    }

    const answers = await queue.run(talk, payload, { ...options, level: 1, onChunk: (chunk) => chunks.push(chunk) })

    expect(answers).toEqual([
      { name: 'one', body: { a: 1 }, token: 'token:1', level: 1, payload },
      expect.objectContaining({ refused: 'internal' }),
    ])
    expect(JSON.stringify(answers)).not.toContain('hidden')
    expect(chunks).toEqual([1, { two: 2 }])
  })

  test('says how it fares', async () => {
    const { queue } = await open()

    await vi.waitFor(() => expect(queue.workers()[0]?.vitals).toMatchObject({ rssBytes: expect.any(Number) }), 5_000)

    expect(queue.workers()[0]).toMatchObject({ name: 'worker-1', lanes: ['noop', 'echo', 'odd', 'talk', 'shared'] })
    expect(queue.workers()[0]?.vitals?.threads).toBeGreaterThan(1)
  })

  test('that is told to stop takes nothing new, and hands over what it has before it goes', async () => {
    const stand = await openStand()
    const queue = await stand.front()
    const worker = stand.worker('worker-1', { env: { DRAIN_MS: '10000' } })
    await workersOf(queue, 1)
    const file = join(stand.dataDir, 'go')
    const running = queue.run(odd, { do: 'wait', file }, options)
    await runningIn(queue, odd, 1)

    const ended = worker.kill('SIGTERM')
    await vi.waitFor(() => expect(queue.lanes().find(({ name }) => name === 'odd')?.capacity).toBe(0), 5_000)
    const late = faultOf(queue.run(odd, { do: 'return', value: 1 }, { ...options, maxWaitMs: 300 }))
    expect(await late).toMatchObject({ code: 'busy' })
    await writeFile(file, '')

    expect(await running).toMatchObject({ attempt: 1 })
    expect(await ended).toBe(0)
  })
})
