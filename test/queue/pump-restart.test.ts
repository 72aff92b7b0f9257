import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { OpenQueue } from '../../queue/open-queue.ts'
import { connectByHand, doneOf, helloOf } from '../fixture/lane/hand-worker.ts'
import { echo, odd, talk } from '../fixture/lane/lanes.ts'
import { never, openStand, runningIn, workersOf } from '../fixture/lane/stand.ts'

const options = { token: 'token:1', signal: never() }

const stateOf = async (queue: OpenQueue, id: number): Promise<string | undefined> => (await queue.job('odd', id))?.state

const becomes = (queue: OpenQueue, id: number, state: string): Promise<void> =>
  vi.waitFor(async () => expect(await stateOf(queue, id)).toBe(state), { timeout: 10_000, interval: 20 })

test('a worker that is killed in the middle of a job: whoever waits is told, and a job with attempts left runs again', async () => {
  const stand = await openStand()
  const queue = await stand.front()
  const worker = stand.worker('worker-1')
  await workersOf(queue, 1)
  const file = join(stand.dataDir, 'go')
  const once = queue.run(odd, { do: 'wait', file }, options).catch((fault) => fault)
  const twice = queue.run(odd, { do: 'wait', file }, { ...options, maxAttempts: 2 })
  await runningIn(queue, odd, 2)

  await worker.kill('SIGKILL')
  stand.worker('worker-1')

  expect(await once).toMatchObject({ code: 'unavailable', message: expect.stringContaining('stays done') })
  await writeFile(file, '')
  expect(await twice).toMatchObject({ attempt: 2 })
  expect(queue.lanes().find(({ name }) => name === 'odd')?.totals).toMatchObject({ lost: 2, done: 1, dead: 1 })
})

test('a front that starts anew loses no job that a worker runs, nor one that was done meanwhile', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const { pid } = stand.worker('worker-1')
  await workersOf(first, 1)
  const files = [join(stand.dataDir, 'a'), join(stand.dataDir, 'b')]
  const [during, after] = await Promise.all(files.map((file) => first.add(odd, { do: 'wait', file }, { token: 'token:1' })))
  await runningIn(first, odd, 2)

  await first.stop(0)
  await writeFile(files[0]!, '')
  const second = await stand.front()
  await workersOf(second, 1)
  await becomes(second, during!.id, 'done')
  expect(await stateOf(second, after!.id)).toBe('running')
  await writeFile(files[1]!, '')
  await becomes(second, after!.id, 'done')

  for (const { id } of [during!, after!]) {
    const job = await second.job('odd', id)
    expect(job?.attempts).toHaveLength(1)
    expect(JSON.parse(job?.result ?? '')).toEqual({ attempt: 1, pid })
  }
})

test('front and worker find each other, whoever was started first', async () => {
  const stand = await openStand()
  stand.worker('early')
  const queue = await stand.front()
  await workersOf(queue, 1)
  stand.worker('late')
  await workersOf(queue, 2)

  expect(await queue.run(echo, 'well', options)).toBe('well')
})

test('both killed: a new worker of that name makes the job free at once, and it runs again', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const worker = stand.worker('worker-1')
  await workersOf(first, 1)
  const file = join(stand.dataDir, 'go')
  const { id } = await first.add(odd, { do: 'wait', file }, { token: 'token:1', maxAttempts: 2 })
  await runningIn(first, odd, 1)
  await worker.kill('SIGKILL')
  await first.stop(0)
  await writeFile(file, '')

  const second = await stand.front()
  stand.worker('worker-1')

  await becomes(second, id, 'done')
  expect((await second.job('odd', id))?.attempts.map(({ verdict }) => verdict)).toEqual(['lost', 'done'])
})

test('both killed, and nobody of that name comes back: the lease runs out, and another worker takes the job', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const worker = stand.worker('worker-1')
  await workersOf(first, 1)
  const file = join(stand.dataDir, 'go')
  const { id } = await first.add(odd, { do: 'wait', file }, { token: 'token:1', maxAttempts: 2 })
  await runningIn(first, odd, 1)
  await worker.kill('SIGKILL')
  await first.stop(0)
  await writeFile(file, '')

  const second = await stand.front()
  stand.worker('worker-2')

  await becomes(second, id, 'done')
  expect((await second.job('odd', id))?.worker).toBe('worker-2')
})

test('a verdict that was not acknowledged is handed over once more, and counts once', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const worker = await connectByHand(stand.socketPath)
  worker.send(helloOf('odd', [2]))
  const { id } = await first.add(odd, { do: 'exit' }, { token: 'token:1' })
  await worker.message('jobs')
  worker.send(doneOf('odd', id, 1), '"ok"')
  await worker.message('ack')
  await first.stop(0)

  const second = await stand.front()
  const again = await connectByHand(stand.socketPath)
  again.send(helloOf('odd', [2], { ids: [id], attempts: [1] }))
  again.send(doneOf('odd', id, 1), '"no"')
  const ack = await again.message('ack')

  expect(ack.ids).toEqual([id])
  expect((await second.job('odd', id))?.result).toBe('"ok"')
})

test('a job that was called off while its worker was away is stopped when it is back', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const worker = await connectByHand(stand.socketPath)
  worker.send(helloOf('odd', [2]))
  const { id } = await first.add(odd, { do: 'exit' }, { token: 'token:1' })
  await worker.message('jobs')
  await first.stop(0)
  worker.socket.destroy()
  const second = await stand.front()
  await second.cancel('odd', id, 'No longer wanted.')

  const again = await connectByHand(stand.socketPath)
  again.send(helloOf('odd', [2], { ids: [id], attempts: [1] }))

  expect(await again.message('cancel')).toMatchObject({ ids: [id], attempts: [1], reasons: ['No longer wanted.'] })
})

test('questions asked while the front is away wait for the next; what it was asked already is not asked twice', async () => {
  const stand = await openStand()
  const asked: string[] = []
  const first = await stand.front({
    prepare: (queue) =>
      queue.handle(talk, {
        ask: (_, name) => {
          asked.push(`first ${name}`)
          return new Promise(() => {})
        },
      }),
  })
  stand.worker('worker-1')
  await workersOf(first, 1)
  const { id } = await first.add(talk, { asks: [{ name: 'one', body: 1 }] }, { token: 'token:1' })
  await vi.waitFor(() => expect(asked).toEqual(['first one']), 5_000)

  await first.stop(0)
  const second = await stand.front({
    prepare: (queue) => queue.handle(talk, { ask: async (_, name) => asked.push(`second ${name}`) }),
  })
  await vi.waitFor(async () => expect((await second.job('talk', id))?.state).toBe('done'), 10_000)

  expect(JSON.parse((await second.job('talk', id))?.result ?? '')).toMatchObject([{ refused: 'unavailable' }])
  expect(asked).toEqual(['first one'])
})

test('jobs that nobody had begun wait for the next front', async () => {
  const stand = await openStand()
  const first = await stand.front()
  const { id } = await first.add(odd, { do: 'return', value: 1 }, { token: 'token:1' })
  await first.stop(0)

  const second = await stand.front()
  stand.worker('worker-1')

  await becomes(second, id, 'done')
})
