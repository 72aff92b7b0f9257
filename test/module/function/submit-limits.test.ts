import { expect, test, vi } from 'vitest'
import type { FunctionStore } from '../../../src/module/function/function.store.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { ask, get } from './ask.ts'

/** A house without a worker, so that what is submitted waits, and one published function in it. */
async function openWaiting(policy: object): Promise<TestHouse> {
  const house = await openTestHouse({ settings: { queue: { lanes: { function: policy } } } })
  await get(house, 'POST', '/functions', { name: 'wait', source: 'export default () => 1' })
  const { rows, registry } = house.gatehouse.store<FunctionStore>('function')
  await rows.publish(await rows.get('wait'), '', 'user:1')
  await registry.refresh('wait')
  return house
}

const submit = (house: TestHouse, body: object = {}) => ask(house, 'POST', '/functions/wait/jobs', body)

test('more than may wait of one token is refused, and says how many may', async () => {
  const house = await openWaiting({ queuePerToken: 2 })

  const statuses = [await submit(house), await submit(house), await submit(house)]

  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 503])
  expect(statuses[2]!.body).toMatchObject({ code: 'busy', data: { limit: 'queuePerToken', value: 2 } })
})

test('a key that is known is answered although no more may wait', async () => {
  const house = await openWaiting({ queuePerToken: 1 })
  const { body } = await submit(house, { key: 'k' })

  expect(await submit(house, { key: 'k' })).toMatchObject({ status: 200, body: { jobId: body.jobId, isNew: false } })
})

test('the same key at the same time is one job', async () => {
  const house = await openWaiting({})

  const told = await Promise.all([1, 2, 3].map(() => submit(house, { key: 'k' })))

  expect(new Set(told.map(({ body }) => body.jobId)).size).toBe(1)
  expect(told.filter(({ body }) => body.isNew)).toHaveLength(1)
})

test('what the lane does not take is told to its submitter, and what comes after it goes on', async () => {
  const house = await openWaiting({ maxPayloadBytes: 2_000 })

  const large = await submit(house, { input: { text: 'x'.repeat(3_000) } })
  const small = await submit(house)

  await vi.waitFor(async () =>
    expect(await get(house, 'GET', `/function-jobs/${large.body.jobId}`)).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('2000'),
    }),
  )
  await vi.waitFor(() => get(house, 'GET', `/queue/lanes/function/jobs/${small.body.jobId}`))
})
