import { describe, expect, it, onTestFinished } from 'vitest'
import { serveHttp } from '../../fixture/conformance/serve-http.ts'
import { startWhateverUpstream } from '../../fixture/upstream/whatever-upstream.ts'
import { systemCaller } from '../../system-caller.ts'
import { about, codeOf } from './about-task.ts'
import { eventually, openUpstreams, type TestClient, testClient, told, type Upstreams } from './open-upstreams.ts'

const RELATED = 'io.modelcontextprotocol/related-task'
const EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

describe('a task of the session era', () => {
  const begun = { task: { taskId: 't1', status: 'working', ttl: 60_000, createdAt: '2026-01-01T00:00:00Z' } }
  const begin = async (house: Upstreams, client: TestClient, more: object = {}) =>
    ((await house.call('one__answer', { result: begun }, { client, extra: { task: { ttl: 60_000 } }, ...more })) as any).task

  it('is known by an id of its own, wherever its server speaks of it', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient({ elicitation: {} })
    const { taskId, ...rest } = await begin(house, client)

    expect(taskId).toMatch(/^[0-9a-f-]{36}$/)
    expect(rest).toEqual({ status: 'working', ttl: 60_000, createdAt: '2026-01-01T00:00:00Z' })
    expect(await about(house, taskId, 'tasks/get', {}, { client })).toMatchObject({ taskId, status: 'working' })
    expect(await about(house, taskId, 'tasks/result', {}, { client })).toEqual({
      content: [{ type: 'text', text: '"result of t1"' }],
      _meta: { [RELATED]: { taskId } },
    })
    const status = { method: 'notifications/tasks/status', params: { taskId: 't1', status: 'working' } }
    await house.call('one__say', status, { client })
    expect(client.told).toEqual([{ ...status, params: { taskId, status: 'working' } }])
    const question = { message: 'x', requestedSchema: { type: 'object', properties: {} }, _meta: { [RELATED]: { taskId: 't1' } } }
    await house.call('one__ask', { method: 'elicitation/create', params: question }, { client, ask: client.ask })
    expect(client.asked[0]?.params._meta).toEqual({ [RELATED]: { taskId } })
  })

  it('is told of to nobody before its client knows it, nor what the gateway itself waits for', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient()
    const say = (taskId: string) => {
      const params = { taskId, status: 'working' }
      return house.call('one__say', { method: 'notifications/tasks/status', params }, { client })
    }

    await say('t1')
    const { taskId } = await begin(house, client)
    await say('t2')
    await say('t1')

    expect(client.told).toMatchObject([{ params: { taskId } }])
  })

  it('is listed for its session, as it is now, and can be cancelled', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient()
    const { taskId } = await begin(house, client)
    const list = async (sessionKey: string) =>
      ((await house.call('task:list', { method: 'tasks/list', params: {} }, { client, sessionKey })) as any).tasks

    expect(await list('test')).toMatchObject([{ taskId, status: 'working' }])
    expect(await list('other')).toEqual([])
    expect(await about(house, taskId, 'tasks/cancel')).toMatchObject({ taskId, status: 'cancelled' })
    expect(await list('test')).toMatchObject([{ taskId, status: 'cancelled' }])
  })

  it('is listed without what it answered or asks, and briefly however much its server says of it', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient()
    const { taskId } = await begin(house, client)
    const say = (more: object) =>
      house.call(
        'one__say',
        { method: 'notifications/tasks/status', params: { taskId: 't1', status: 'completed', ...more } },
        { client },
      )
    const listed = async () => ((await house.call('task:list', { method: 'tasks/list', params: {} }, { client })) as any).tasks

    await say({ result: { content: [] }, inputRequests: {}, 'x-extra': 1 })
    expect(await listed()).toEqual([{ taskId, status: 'completed', 'x-extra': 1 }])
    await say({ statusMessage: 'x'.repeat(20_000), ttl: 5 })
    expect(await listed()).toEqual([{ taskId, status: 'completed', ttl: 5 }])
  })

  it('is nothing to any other caller, nor by the id that its server gave it', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const { taskId } = await begin(house, testClient())
    const stranger = { ...systemCaller, id: 'user:7' }

    expect(await codeOf(about(house, taskId, 'tasks/get', {}, { caller: stranger }))).toBe('not_found')
    expect(await codeOf(about(house, 't1', 'tasks/get'))).toBe('not_found')
    expect(await codeOf(about(house, taskId, 'tools/call'))).toBe('invalid')
  })

  it('is awaited for whoever cannot ask for one, where its tool answers only with tasks', async () => {
    const tool = { name: 'answer', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } }
    const house = await openUpstreams({ one: told([`--tool=${JSON.stringify(tool)}`]) })
    await house.until('one', 'connected')

    expect(await house.callText('one__answer', { result: begun })).toBe('"result of t1"')
    const own = await house.call('one__answer', { result: begun }, { client: testClient(), sessionKey: 'other' })
    expect(own).toEqual(begun)
  })
})

describe('a task of the stateless era', () => {
  it('is followed, asks its own client, and ends with its result', async () => {
    const fixture = await serveHttp('stateless')
    onTestFinished(() => fixture.close())
    const house = await openUpstreams({ one: { url: fixture.url } })
    await house.until('one', 'connected')
    const client = testClient({ elicitation: {}, ...EXTENSION }, undefined, { takesInputRequired: true })
    const { taskId, resultType } = (await house.call('one__confirm_delete', { filename: 'a' }, { client })) as any

    expect(resultType).toBe('task')
    const waiting = await eventually(async () => {
      const task = await about(house, taskId, 'tasks/get', {}, { client })
      expect(task.status).toBe('input_required')
      return task
    })
    expect(waiting.inputRequests.confirm.params.message).toBe('[one] Really?')
    const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } }
    await about(house, taskId, 'tasks/update', { inputResponses }, { client })
    await eventually(async () =>
      expect(await about(house, taskId, 'tasks/get', {}, { client })).toMatchObject({
        taskId,
        status: 'completed',
        result: { content: [{ text: 'a: deleted.' }] },
      }),
    )
    const { calls } = await house.operate('audit_call_list', { limit: 50, search: 'request:one__' })
    expect(calls).toHaveLength(1)
  })

  it('keeps of its questions those that it still asks', async () => {
    const upstream = await startWhateverUpstream('stateless')
    onTestFinished(() => upstream.close())
    const confirm = {
      method: 'elicitation/create',
      params: { message: 'Really?', requestedSchema: { type: 'object', properties: {} } },
    }
    const asking = (...keys: string[]) => {
      const inputRequests = Object.fromEntries(keys.map((key) => [key, confirm]))
      upstream.answers.set('tasks/get', { taskId: 't1', status: 'input_required', inputRequests })
    }
    upstream.answers.set('tools/list', { tools: [{ name: 'work', inputSchema: { type: 'object' } }] })
    upstream.answers.set('tools/call', { resultType: 'task', taskId: 't1', status: 'working' })
    const house = await openUpstreams({ one: { url: upstream.url } })
    await house.until('one', 'connected')
    const client = testClient({ elicitation: {}, ...EXTENSION }, undefined, { takesInputRequired: true })
    const { taskId } = (await house.call('one__work', {}, { client })) as any

    const recorded = async (): Promise<number> => {
      await about(house, taskId, 'tasks/get', {}, { client })
      return (await house.operate('audit_call_list', { limit: 50, search: 'request:one__' })).calls.length
    }
    asking('a', 'b')
    const counts = [await recorded(), await recorded()]
    asking('b')
    counts.push(await recorded())
    asking('a', 'b')
    counts.push(await recorded())

    expect(counts).toEqual([2, 2, 2, 3])
  })

  it('is told of on the stream of whoever began it', async () => {
    const fixture = await serveHttp('stateless')
    onTestFinished(() => fixture.close())
    const house = await openUpstreams({ one: { url: fixture.url } })
    await house.until('one', 'connected')
    const client = testClient(EXTENSION, undefined, { takesInputRequired: true })

    const { taskId } = (await house.call('one__slow_compute', { seconds: 0.3, label: 'x' }, { client })) as any

    await eventually(() => expect(client.told).toHaveLength(1))
    expect(client.told[0]).toMatchObject({ method: 'notifications/tasks', params: { taskId, status: 'completed' } })
  })

  it('is begun by the gateway where its tool answers in no other way, asks who called, and ends with the result for who knows no tasks', async () => {
    const fixture = await serveHttp('stateless')
    onTestFinished(() => fixture.close())
    const house = await openUpstreams({ one: { url: fixture.url } })
    await house.until('one', 'connected')
    const client = testClient({ elicitation: {} }, () => ({ action: 'accept', content: { name: 'Ada' } }))
    const stateless = testClient({}, undefined, { takesInputRequired: true })

    expect(await house.callText('one__test_tool_with_task', {}, { client, ask: client.ask })).toBe('Done for Ada.')
    expect(await house.call('one__failing_job')).toMatchObject({ isError: true, content: [{ text: 'The job failed.' }] })
    expect(await codeOf(house.call('one__failing_job', {}, { client: stateless }))).toBe('invalid')
  })

  it('is asked about until it ends, and cancelled with its call', async () => {
    const upstream = await startWhateverUpstream('stateless')
    onTestFinished(() => upstream.close())
    const confirm = {
      method: 'elicitation/create',
      params: { message: 'Really?', requestedSchema: { type: 'object', properties: {} } },
    }
    const told = (status: string, more: object = {}) => ({ taskId: 't1', status, pollIntervalMs: 1, ...more })
    upstream.answers.set('tools/list', { tools: [{ name: 'work', inputSchema: { type: 'object' } }] })
    for (const method of ['tasks/update', 'tasks/cancel']) upstream.answers.set(method, {})
    const house = await openUpstreams({ one: { url: upstream.url } })
    await house.until('one', 'connected')
    const client = testClient({ elicitation: {} }, () => ({ action: 'accept' }))
    const call = (left: Record<string, unknown>[], more: object = {}) => {
      const refusal = { error: { code: -32_021, message: 'Tasks only.', data: { requiredCapabilities: EXTENSION } } }
      upstream.answers.set('tools/call', ({ _meta }) =>
        JSON.stringify(_meta).includes('io.modelcontextprotocol/tasks') ? { resultType: 'task', ...told('working') } : refusal,
      )
      upstream.answers.set('tasks/get', () => (left.length > 1 ? left.shift()! : left[0]!))
      return house.call('one__work', {}, { client, ask: client.ask, ...more })
    }

    const asking = told('input_required', { inputRequests: { a: confirm } })
    await call([told('working'), asking, asking, told('completed', { result: { content: [] } })])
    expect(client.asked).toHaveLength(1)
    expect(upstream.asked.get('tasks/update')).toMatchObject({ taskId: 't1', inputResponses: { a: { action: 'accept' } } })
    const failing: { cause?: unknown } = await call([told('failed', { error: { code: -32_603, message: 'Broke.' } })]).catch(
      (thrown) => thrown,
    )
    expect(failing.cause).toMatchObject({ code: -32_603, message: 'Broke.' })
    expect(await codeOf(call([told('cancelled')]))).toBe('upstream')
    upstream.asked.clear()
    const ending = new AbortController()
    const taken = call([told('working')], { signal: ending.signal })
    await eventually(() => expect(upstream.asked.has('tasks/get')).toBe(true))
    ending.abort()
    expect(await codeOf(taken)).toBe('cancelled')
    await eventually(() => expect(upstream.asked.has('tasks/cancel')).toBe(true))
  })

  it('is not begun for a client of the session era, which would not know what to do with it', async () => {
    const fixture = await serveHttp('stateless')
    onTestFinished(() => fixture.close())
    const house = await openUpstreams({ one: { url: fixture.url } })
    await house.until('one', 'connected')
    const client = testClient(EXTENSION)

    expect(await house.callText('one__slow_compute', { seconds: 0, label: 'x' }, { client })).toContain('Computed x')
  })
})
