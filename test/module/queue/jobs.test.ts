import { expect, test } from 'vitest'
import { openQueueHouse } from './house.ts'

const job = (id: number) => `/lanes/function/jobs/${id}`

test('jobs are listed newest first, page by page, by state and by token', async () => {
  const { add, ask } = await openQueueHouse()
  const first = await add('1')
  const second = await add('2', { token: 'token:7' })
  const third = await add('3', { runAt: Date.now() + 3_600_000 })
  const idsOf = async (query: string) => {
    const { body } = await ask('GET', `/lanes/function/jobs?${query}`)
    return [body['jobs'].map(({ id }: { id: number }) => id), body['nextCursor']]
  }

  expect(await idsOf('')).toEqual([[third, second, first], null])
  expect(await idsOf('limit=2')).toEqual([[third, second], String(second)])
  expect(await idsOf(`limit=2&cursor=${second}`)).toEqual([[first], null])
  expect(await idsOf('state=scheduled')).toEqual([[third], null])
  expect(await idsOf('owner=token:7')).toEqual([[second], null])
})

test('a job shows its payload, its result and its attempt', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()
  const id = await add('hello', { key: 'greeting' })
  await until(id, 'done')

  const { body } = await ask('GET', job(id))

  expect(body['job']).toMatchObject({
    ...{ id, lane: 'function', state: 'done', owner: 'user:1', key: 'greeting', attempt: 1, worker: 'worker-1', reason: null },
    payload: { kind: 'check', program: { source: 'hello' } },
    result: { kind: 'checked', problems: [{ message: 'hello' }] },
    attempts: [{ attempt: 1, verdict: 'done', worker: 'worker-1' }],
  })
})

test('secrets in a payload and in a result are replaced', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()
  const id = await add('password=hunter2hunter2 ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
  await until(id, 'done')

  const text = JSON.stringify((await ask('GET', job(id))).body)

  expect(text).not.toContain('hunter2')
  expect(text).not.toContain('ghp_')
  expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThan(1)
})

test('a long payload is cut, one that is far too long is left out, and both say how long they are', async () => {
  const { add, ask } = await openQueueHouse()
  const long = await add('x'.repeat(200_000))
  const longer = await add('x'.repeat(2_000_000))

  const cut = (await ask('GET', job(long))).body['job']
  const left = (await ask('GET', job(longer))).body['job']

  expect(JSON.stringify(cut.payload).length).toBeLessThan(70_000)
  expect(JSON.stringify(cut.payload)).toContain('[200000 characters]')
  expect(cut.payloadBytes).toBeGreaterThan(200_000)
  expect(left.payload).toBeNull()
  expect(left.payloadBytes).toBeGreaterThan(2_000_000)
})

test('a dead job is run again on request, and keeps its earlier attempts', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()
  const id = await add('fail')
  await until(id, 'dead')

  const { body } = await ask('POST', `${job(id)}/retry`, {})
  const again = await until(id, 'dead')

  expect(['ready', 'running', 'dead']).toContain(body['job'].state)
  expect(again['attempts']).toMatchObject([
    { attempt: 1, verdict: 'retry', reason: 'It was told to fail.' },
    { attempt: 2, verdict: 'retry', reason: 'It was told to fail.' },
  ])
})

test('a dead job is dropped on request', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()
  const id = await add('fail')
  await until(id, 'dead')

  const { body } = await ask('POST', `${job(id)}/discard`, {})

  expect(body['job'].state).toBe('cancelled')
  expect((await ask('GET', '/lanes/function')).body['lane'].dead).toBe(0)
})

test('a job that waits is called off at once, with the reason', async () => {
  const { add, ask } = await openQueueHouse()
  const id = await add('hello')

  const { body } = await ask('POST', `${job(id)}/cancel`, { reason: 'Asked for by mistake.' })

  expect(body['job']).toMatchObject({ state: 'cancelled', reason: 'Asked for by mistake.' })
})

test('a job that runs is told to stop', async () => {
  const { add, ask, until, work } = await openQueueHouse()
  await work()
  const id = await add('hang')
  await until(id, 'running')

  const { status } = await ask('POST', `${job(id)}/cancel`, {})

  expect(status).toBe(200)
  expect(await until(id, 'cancelled')).toMatchObject({ reason: 'An operator called it off.' })
})

test('what does not fit the state of a job is a conflict that names the state', async () => {
  const { add, ask } = await openQueueHouse()
  const id = await add('hello')
  const refused = async (action: string) => {
    const { status, body } = await ask('POST', `${job(id)}/${action}`, {})
    return [status, body['detail']]
  }

  expect(await refused('retry')).toEqual([409, expect.stringContaining('is ready')])
  expect(await refused('discard')).toEqual([409, expect.stringContaining('is ready')])
  await ask('POST', `${job(id)}/cancel`, {})
  expect(await refused('cancel')).toEqual([409, expect.stringContaining('is cancelled')])
})

test.each(['retry', 'cancel', 'discard'])('%s of a job that does not exist is not found', async (action) => {
  const { ask } = await openQueueHouse()

  expect((await ask('POST', `/lanes/function/jobs/1/${action}`, {})).status).toBe(404)
  expect((await ask('GET', job(1))).status).toBe(404)
})

test('whoever may only read changes nothing', async () => {
  const { house, add, ask } = await openQueueHouse()
  const reader = await house.token('queue.read')
  const id = await add('hello')

  expect((await ask('POST', `${job(id)}/cancel`, {}, reader)).status).toBe(403)
  expect((await ask('POST', '/lanes/function/pause', {}, reader)).status).toBe(403)
  expect((await ask('GET', job(id), undefined, reader)).body['job'].state).toBe('ready')
})

test('every step of an operator leaves its record', async () => {
  const { house, add, ask } = await openQueueHouse()
  const id = await add('hello')

  await ask('POST', `${job(id)}/cancel`, { reason: 'Asked for by mistake.' })
  await ask('POST', `${job(id)}/cancel`, { reason: 'Again.' })

  const reply = await house.fetch('/api/audit/calls?tool=queue_cancel', house.adminToken)
  expect(((await reply.json()) as { calls: object[] }).calls).toMatchObject([
    { outcome: 'conflict', effect: 'write', callerName: expect.stringContaining('root') },
    { outcome: 'ok', effect: 'write' },
  ])
})
