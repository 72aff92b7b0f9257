import { describe, expect, it, onTestFinished } from 'vitest'
import type { Visit } from '../../../src/contract/visit.ts'
import { knownValues } from '../../../src/core/known-values.ts'
import { Errand } from '../../../src/module/upstream/errand.ts'
import { Errands } from '../../../src/module/upstream/errands.ts'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { connect } from '../../mcp/server/client.ts'
import { peer } from '../../mcp/server/stateless/peer.ts'
import { openTestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'
import { about, codeOf } from './about-task.ts'
import { eventually, openUpstreams, type TestClient, testClient, told, type Upstreams } from './open-upstreams.ts'

const EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const BEGUN = { task: { taskId: 't1', status: 'working', ttl: 60_000, createdAt: '2026-01-01T00:00:00Z' } }
const FORM = { message: 'Really?', requestedSchema: { type: 'object', properties: {} } }

/** Tools that answer with tasks, by default only so: `answer` with the one that it is told, `ask` and `never` as they always do. */
const needingTask = (name: string, more: object = {}, taskSupport = 'required') => {
  const tool = { name, inputSchema: { type: 'object' }, execution: { taskSupport } }
  return told([`--tool=${JSON.stringify(tool)}`], more)
}

async function openTold(tool = 'answer', more: object = {}): Promise<Upstreams> {
  const house = await openUpstreams({ one: needingTask(tool, more) })
  await house.until('one', 'connected')
  return house
}
const modern = (capabilities: object = {}): TestClient =>
  testClient({ ...EXTENSION, ...capabilities }, undefined, { takesInputRequired: true })

describe('a tool that answers only with tasks of the session era', () => {
  it('answers a client of the stateless era with a task in the words of that, which ends with the result', async () => {
    const house = await openTold()
    const client = modern()

    const { taskId, ...handle } = (await house.call('one__answer', { result: BEGUN }, { client })) as any
    const ended = await eventually(async () => {
      const task = await about(house, taskId, 'tasks/get', {}, { client })
      expect(task.status).toBe('completed')
      return task
    })

    expect(taskId).toMatch(/^[0-9a-f-]{36}$/)
    expect(handle).toMatchObject({
      resultType: 'task',
      status: 'working',
      ttlMs: expect.any(Number),
      pollIntervalMs: expect.any(Number),
      createdAt: expect.stringMatching(/Z$/),
      lastUpdatedAt: expect.stringMatching(/Z$/),
    })
    expect(ended).toMatchObject({ taskId })
    expect(ended.result).toEqual({ content: [{ type: 'text', text: '"result of t1"' }] })
    expect(client.told.at(-1)).toMatchObject({ method: 'notifications/tasks', params: { taskId, status: 'completed' } })
    expect(await house.operate('upstream_get', { alias: 'one' })).toMatchObject({ inFlight: 0 })
  })

  it('does so too where it answers with tasks only to whoever asks for them', async () => {
    const house = await openUpstreams({ one: needingTask('answer', {}, 'optional') })
    await house.until('one', 'connected')
    const call = (client: TestClient) => house.call('one__answer', { result: BEGUN }, { client }) as Promise<any>
    const client = modern()

    const { taskId, resultType } = await call(client)
    const plain = await call(testClient({}, undefined, { takesInputRequired: true }))
    const ofSession = await call(testClient(EXTENSION))

    expect(resultType).toBe('task')
    await eventually(async () =>
      expect(await about(house, taskId, 'tasks/get', {}, { client })).toMatchObject({
        result: { content: [{ text: '"result of t1"' }] },
      }),
    )
    expect([plain, ofSession]).toEqual([BEGUN, BEGUN])
  })

  it('has a large result cut like that of a call that is answered at once', async () => {
    const house = await openTold()
    const client = modern()
    const result = { content: [{ type: 'text', text: 'x'.repeat(2_000_000) }] }

    const { taskId } = (await house.call('one__answer', { result }, { client })) as any
    const ended = await eventually(async () => {
      const task = await about(house, taskId, 'tasks/get', {}, { client })
      expect(task.status).toBe('completed')
      return task
    })

    expect(ended).toMatchObject({ taskId, result: { _meta: { truncated: true, resultRef: expect.any(String) } } })
    expect(JSON.stringify(ended).length).toBeLessThan(1_100_000)
  })

  it('is awaited for a client that does not know of tasks', async () => {
    const house = await openTold()

    const result = await house.call(
      'one__answer',
      { result: BEGUN },
      { client: testClient({}, undefined, { takesInputRequired: true }) },
    )

    expect(result.content).toEqual([{ type: 'text', text: '"result of t1"' }])
  })

  it('is no task because a client of the stateless era has a field of the other one', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = modern()
    const extra = { task: { ttl: 60_000 }, 'x-extra': 1 }

    const params = JSON.parse(await house.callText('one__params', {}, { client, extra }))

    expect(params).toMatchObject({ 'x-extra': 1 })
    expect(params).not.toHaveProperty('task')
  })

  it('asks the client through its task, through the door and with a record', async () => {
    const house = await openTold('ask')
    const client = modern({ elicitation: {} })
    const args = { method: 'elicitation/create', params: FORM }
    const { taskId } = (await house.call('one__ask', args, { client })) as any
    const waiting = await eventually(async () => {
      const task = await about(house, taskId, 'tasks/get', {}, { client })
      expect(task.status).toBe('input_required')
      return task
    })

    const inputResponses = { 'elicitation-1': { action: 'accept', content: { sure: true } }, 'nothing-2': {} }
    expect(await about(house, taskId, 'tasks/update', { inputResponses }, { client })).toEqual({})
    const ended = await eventually(async () => {
      const task = await about(house, taskId, 'tasks/get', {}, { client })
      expect(task.status).toBe('completed')
      return task
    })

    expect(waiting.inputRequests).toEqual({
      'elicitation-1': { method: 'elicitation/create', params: { ...FORM, message: '[one] Really?' } },
    })
    expect(ended).not.toHaveProperty('inputRequests')
    expect(JSON.parse(ended.result.content[0].text)).toEqual(inputResponses['elicitation-1'])
    const { calls } = await house.operate('audit_call_list', { search: 'request:one__elicitation/create' })
    expect(calls).toMatchObject([{ outcome: 'ok' }])
  })

  it('is taken back with its task, and its server hears of it', async () => {
    const house = await openTold('never')
    const client = modern()
    const { taskId } = (await house.call('one__never', {}, { client })) as any
    await eventually(async () => expect(await house.operate('upstream_get', { alias: 'one' })).toMatchObject({ inFlight: 1 }))

    expect(await about(house, taskId, 'tasks/cancel', {}, { client })).toEqual({})

    expect(await about(house, taskId, 'tasks/get', {}, { client })).toMatchObject({ status: 'cancelled' })
    await eventually(async () => expect(await house.operate('upstream_get', { alias: 'one' })).toMatchObject({ inFlight: 0 }))
  })

  it('tells a failure as one that comes at once is told', async () => {
    const house = await openTold('fail')
    const client = modern()
    const { taskId } = (await house.call('one__fail', { error: { code: -32_000, message: 'No.', data: 7 } }, { client })) as any

    await eventually(async () =>
      expect(await about(house, taskId, 'tasks/get', {}, { client })).toMatchObject({
        status: 'failed',
        error: { code: -32_000, message: 'No.', data: 7 },
      }),
    )
  })

  it('has tasks that are nothing to any other caller, and not asked in the words of the other era', async () => {
    const house = await openTold()
    const { taskId } = (await house.call('one__answer', { result: BEGUN }, { client: modern() })) as any
    const stranger = { ...systemCaller, id: 'user:7' }

    expect(await codeOf(about(house, taskId, 'tasks/get', {}, { caller: stranger }))).toBe('not_found')
    expect(await codeOf(about(house, taskId, 'tasks/result'))).toBe('invalid')
  })

  it('has no more than a hundred of one caller, of which those that have ended give way', async () => {
    const house = await openTold('never', { maxConcurrency: 200 })
    const client = modern()
    const ids: string[] = []
    for (let count = 0; count < 100; count += 1) ids.push(((await house.call('one__never', {}, { client })) as any).taskId)

    expect(await codeOf(house.call('one__never', {}, { client }))).toBe('busy')
    await about(house, ids[7], 'tasks/cancel')

    expect(await codeOf(house.call('one__never', {}, { client }))).toBe('ok')
    expect(await codeOf(about(house, ids[7], 'tasks/get'))).toBe('not_found')
    await Promise.all(ids.map((id) => about(house, id, 'tasks/cancel').catch(() => undefined)))
  })

  it('says no secret to whoever listens', async () => {
    const secret = 'a-secret-of-the-house'
    knownValues.set('test', [secret])
    onTestFinished(() => knownValues.forget('test'))
    const house = await openTold()
    const client = modern()

    await house.call('one__answer', { result: { task: { ...BEGUN.task, taskId: secret } } }, { client })
    await eventually(() => expect(client.told.at(-1)).toMatchObject({ params: { status: 'completed' } }))

    expect(JSON.stringify(client.told)).not.toContain(secret)
  })

  it.each(['result', 'error'])('keeps no more of what such tasks ended with than there is room for (%s)', (field) => {
    const errands = new Errands(() => 0)
    const visit = { caller: systemCaller, tool: { source: 'one' }, client: modern() } as unknown as Visit
    const [first, second] = [new Errand(visit, 1, () => 0), new Errand(visit, 1, () => 0)]

    for (const errand of [first, second]) {
      errands.add(errand)
      errand.end('failed', { [field]: 'x'.repeat(20_000_000) })
      errands.hold(errand)
    }

    expect([errands.find(first.id), errands.find(second.id)]).toEqual([undefined, second])
  })

  it('is told of at the wire: declared, begun, followed', async () => {
    const settings = { upstream: upstreamSettings.parse({ servers: { one: needingTask('answer') } }) }
    const house = await openTestHouse({ settings })
    await eventually(() => expect(house.gatehouse.catalog.findTool('one__answer')).toBeDefined())
    const able = peer(`${house.url}/mcp`, house.adminToken, { capabilities: EXTENSION })

    const discovered = await able.request('server/discover')
    const begun = await able.request('tools/call', { name: 'one__answer', arguments: { result: BEGUN } })
    const { taskId } = begun.result
    const ended = await eventually(async () => {
      const { result } = await able.request('tasks/get', { taskId })
      expect(result.status).toBe('completed')
      return result
    })

    expect(discovered.result.capabilities.extensions).toEqual(EXTENSION.extensions)
    expect(begun.result).toMatchObject({ resultType: 'task', status: 'working' })
    expect(ended).toMatchObject({ resultType: 'complete', result: { content: [{ text: '"result of t1"' }] } })
  })

  it('is what a client of the session era may ask for a task, and no other tool', async () => {
    const settings = { upstream: upstreamSettings.parse({ servers: { one: needingTask('answer', {}, 'optional') } }) }
    const house = await openTestHouse({ settings })
    await eventually(() => expect(house.gatehouse.catalog.findTool('one__answer')).toBeDefined())
    const call = async (revision: string, name: string) => {
      const session = await connect(`${house.url}/mcp`, house.adminToken, revision)
      const params = { name, arguments: name === 'one__answer' ? { result: BEGUN } : {}, task: { ttl: 60_000 } }
      return session.request('tools/call', params)
    }

    expect((await call('2025-11-25', 'one__answer')).result.task).toMatchObject({
      taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect((await call('2025-11-25', 'one__params')).error).toMatchObject({ code: -32_601 })
    expect((await call('2025-11-25', 'tool_list')).error).toMatchObject({ code: -32_601 })
    // What no revision before knew means nothing there.
    expect((await call('2025-06-18', 'tool_list')).result).toMatchObject({ structuredContent: expect.anything() })
  })

  it('says of a task that is not known what may have become of it, whoever asks', async () => {
    const house = await openTold()
    const { taskId } = (await house.call('one__answer', { result: BEGUN }, { client: modern() })) as any
    const stranger = { ...systemCaller, id: 'user:7' }
    const messageOf = (id: string) =>
      about(house, id, 'tasks/get', {}, { caller: stranger }).then(String, ({ message }) => message.replace(id, 'X'))

    expect(await messageOf(taskId)).toContain('There is no task X.')
    expect(await messageOf('unknown')).toBe(await messageOf(taskId))
  })
})
