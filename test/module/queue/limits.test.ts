import { expect, test } from 'vitest'
import { functionLane } from '../../../queue/function.lane.ts'
import { openQueueHouse, payloadOf } from './house.ts'

const LIMITS = '/lanes/function/limits'

test('a limit of one token holds for it and for nobody else, until it is removed', async () => {
  const { house, ask, add } = await openQueueHouse()
  const crowd = (token: string) => house.gatehouse.queue.add(functionLane, payloadOf('hello'), { token })

  const { body } = await ask('PUT', `${LIMITS}/token:7`, { waiting: 1 })
  await crowd('token:7')

  expect(body).toEqual({ limit: { owner: 'token:7', ownerName: null, running: null, waiting: 1 } })
  expect((await ask('GET', LIMITS)).body).toEqual({ limits: [body['limit']] })
  await expect(crowd('token:7')).rejects.toMatchObject({ code: 'busy', data: { limit: 'queuePerToken', value: 1 } })
  await add('hello', { token: 'token:8' })
  await add('hello', { token: 'token:8' })

  await ask('PUT', `${LIMITS}/token:7`, {})
  await crowd('token:7')
  expect((await ask('GET', LIMITS)).body).toEqual({ limits: [] })
})

test('the record of a limit says whose it is', async () => {
  const { house, ask } = await openQueueHouse()
  await ask('PUT', `${LIMITS}/token:7`, { running: 1 })

  const { calls } = (await (await house.fetch('/api/audit/calls?tool=queue_limit_set', house.adminToken)).json()) as {
    calls: { id: number }[]
  }
  const { call } = (await (await house.fetch(`/api/audit/calls/${calls[0]!.id}`, house.adminToken)).json()) as { call: object }

  expect(call).toMatchObject({ request: { lane: 'function', owner: 'token:7', running: 1 } })
})

test('refusals are counted by the limit that was hit', async () => {
  const { house, ask } = await openQueueHouse()
  await ask('PUT', `${LIMITS}/token:7`, { waiting: 1 })
  const crowd = () => house.gatehouse.queue.add(functionLane, payloadOf('hello'), { token: 'token:7' })
  await crowd()

  await expect(crowd()).rejects.toMatchObject({ code: 'busy' })

  expect((await ask('GET', '/lanes/function')).body['lane'].totals.refused).toEqual({ queuePerToken: 1 })
})

test.each([
  ['a token that is none', 'somebody%20else', { running: 1 }],
  ['no places at all', 'token:7', { running: 0 }],
  ['half a place', 'token:7', { running: 1.5 }],
])('%s is refused', async (_, token, limit) => {
  const { ask } = await openQueueHouse()

  expect((await ask('PUT', `${LIMITS}/${token}`, limit)).status).toBe(400)
})
