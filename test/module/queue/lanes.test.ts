import { expect, test } from 'vitest'
import { lanes } from '../../../queue/index.ts'
import { placeOf } from '../../../src/contract/caller.ts'
import { openQueueHouse } from './house.ts'

test('a lane says what waits, who is near a limit, and that nobody serves it', async () => {
  const { house, add, ask } = await openQueueHouse()
  const root = await house.gatehouse.authenticator.bearer(house.adminToken)
  await add('one', { token: placeOf(root) })
  await add('two', { token: 'token:7', runAt: Date.now() + 3_600_000 })

  const { body } = await ask('GET', '/lanes')

  const lane = body['lanes'].find(({ name }: { name: string }) => name === 'function')
  expect(body['lanes']).toHaveLength(lanes.length)
  expect(lane).toMatchObject({
    name: 'function',
    paused: false,
    workers: 0,
    capacity: 0,
    utilisation: null,
    ready: 1,
    scheduled: 1,
    running: 0,
    totals: { added: 2 },
    policy: { perToken: 2 },
  })
  expect(lane.tokens).toContainEqual({
    owner: placeOf(root),
    ownerName: expect.stringMatching(/^root \(.+\)$/),
    running: 0,
    runningLimit: 2,
    waiting: 1,
    waitingLimit: 1_000,
  })
  expect(lane.tokens).toContainEqual(expect.objectContaining({ owner: 'token:7', ownerName: null }))
})

test('names of tokens are shown to nobody who may not see users', async () => {
  const { house, add, ask } = await openQueueHouse()
  const root = await house.gatehouse.authenticator.bearer(house.adminToken)
  await add('one', { token: placeOf(root) })
  await ask('GET', '/lanes')

  const { body } = await ask('GET', '/lanes/function', undefined, await house.token('queue.read'))

  expect(body['lane'].tokens).toMatchObject([{ owner: placeOf(root), ownerName: null }])
})

test('a name that was looked up once is not looked up again at every glance', async () => {
  const { house, add, ask } = await openQueueHouse()
  await add('one', { token: placeOf(await house.gatehouse.authenticator.bearer(house.adminToken)) })

  for (const _ of [1, 2, 3]) await ask('GET', '/lanes')

  const looks = await house.fetch('/api/audit/calls?tool=access_token_list', house.adminToken)
  expect(((await looks.json()) as { calls: unknown[] }).calls).toHaveLength(1)
})

test('a lane that does not exist is refused with the names of those that do', async () => {
  const { ask } = await openQueueHouse()

  for (const [method, path] of [
    ['GET', '/lanes/functoin'],
    ['GET', '/lanes/functoin/jobs'],
    ['GET', '/lanes/functoin/jobs/1'],
    ['GET', '/lanes/functoin/limits'],
    ['POST', '/lanes/functoin/pause'],
    ['POST', '/lanes/functoin/resume'],
    ['POST', '/lanes/functoin/jobs/1/retry'],
    ['POST', '/lanes/functoin/jobs/1/cancel'],
    ['POST', '/lanes/functoin/jobs/1/discard'],
  ] as const) {
    const { status, body } = await ask(method, path, method === 'POST' ? {} : undefined)
    expect([status, body['detail']], path).toEqual([
      404,
      `There is no lane functoin. There are: ${lanes.map(({ name }) => name).join(', ')}.`,
    ])
  }
})

test('a paused lane lets nothing begin until it is resumed', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()

  const paused = await ask('POST', '/lanes/function/pause', {})
  const id = await add('hello')
  const waiting = await ask('GET', '/lanes/function')
  const resumed = await ask('POST', '/lanes/function/resume', {})

  expect(paused.body['lane'].paused).toBe(true)
  expect(waiting.body['lane']).toMatchObject({ paused: true, ready: 1, running: 0 })
  expect(resumed.body['lane'].paused).toBe(false)
  await until(id, 'done')
})

test('workers are listed with what they serve and how they fare', async () => {
  const { ask, work } = await openQueueHouse()
  await work()

  const { body } = await ask('GET', '/workers')

  expect(body['workers']).toMatchObject([
    { name: 'worker-1', pid: process.pid, lanes: ['function'], running: 0, vitals: { rssBytes: expect.any(Number) } },
  ])
  expect((await ask('GET', '/lanes/function')).body['lane']).toMatchObject({ workers: 1, capacity: 12 })
})
