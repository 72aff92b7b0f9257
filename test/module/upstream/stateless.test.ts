import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import { serveHttp } from '../../fixture/conformance/serve-http.ts'
import { eventually, openUpstreams, type TestClient, testClient, type Upstreams } from './open-upstreams.ts'

const FIXTURE = fileURLToPath(new URL('../../fixture/conformance-upstream.ts', import.meta.url))
const ACCEPTS = { elicitation: {}, sampling: {}, roots: {} }
const ANSWERS: Record<string, unknown> = {
  'elicitation/create': { action: 'accept', content: { name: 'Ada', color: 'blue', ok: true } },
  'sampling/createMessage': { role: 'assistant', model: 'm', content: { type: 'text', text: 'Good day' } },
  'roots/list': { roots: [{ uri: 'file:///work' }] },
}

async function openFixture(eras: 'stateless' | 'both' = 'stateless', more: object = {}): Promise<Upstreams> {
  const fixture = await serveHttp(eras)
  onTestFinished(() => fixture.close())
  const house = await openUpstreams({ one: { url: fixture.url, ...more } })
  await house.until('one', 'connected')
  return house
}
const answering = (more: Partial<TestClient> = {}): TestClient => testClient(ACCEPTS, (method) => ANSWERS[method], more)
const callBy = (house: Upstreams, client: TestClient, tool: string, args: object = {}, more: object = {}) =>
  house.call(`one__${tool}`, args, { client, ask: client.ask, ...more })
const textBy = async (...args: Parameters<typeof callBy>) => (await callBy(...args)).content?.[0]?.['text']
const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => expect.fail('It should have been refused.'),
    (thrown) => thrown as Fault,
  )

describe('an upstream of the stateless era', () => {
  it.each(['http', 'stdio'])('over %s is found out, and offers what it has', async (wire) => {
    const stdio = { one: { command: 'node', args: [FIXTURE, '--stdio', '--era', 'stateless'] } }
    const house = wire === 'http' ? await openFixture('both') : await openUpstreams(stdio)
    const { server } = await house.until('one', 'connected')

    expect(server.revision).toBe('2026-07-28')
    expect(await textBy(house, answering(), 'test_simple_text')).toContain('simple text')
    expect(house.gatehouse.catalog.listed('prompt').length).toBeGreaterThan(3)
    expect(await house.call('resource:one__test://static-text', {})).toMatchObject({ resultType: 'complete' })
    expect((await faultOf(house.call('resource:one__test://nowhere', {}))).code).toBe('not_found')
  })

  it('asks a client of the session era by real requests, round by round, with its own state byte for byte', async () => {
    const house = await openFixture()
    const client = answering()

    expect(await textBy(house, client, 'test_input_required_result_elicitation')).toBe('Hello, Ada!')
    expect(await textBy(house, client, 'test_input_required_result_multiple_inputs')).toBe('Good day Ada, roots: file:///work')
    expect(await textBy(house, client, 'test_input_required_result_multi_round')).toBe('Ada likes blue')
    expect(await textBy(house, client, 'test_input_required_result_request_state')).toContain('state-ok')
    expect(client.asked[0]).toMatchObject({ method: 'elicitation/create', params: { message: '[one] What is your name?' } })
    const { calls } = await house.operate('audit_call_list', { limit: 50, search: 'request:one__' })
    expect(calls).toHaveLength(client.asked.length)
  })

  it('is told what the client declared, less what an operator denies', async () => {
    const house = await openFixture('stateless', { deny: ['sampling'] })

    const client = answering()
    const asked = await textBy(house, client, 'test_input_required_result_capabilities')
    const missing = await faultOf(callBy(house, client, 'test_missing_capability'))

    expect(asked).toBe('Asked for: user_name')
    expect(missing.code).toBe('invalid')
    expect(missing.message).toContain('sampling')
  })

  it('has its questions relayed as they came to a client that takes them, and the answers with the next call', async () => {
    const house = await openFixture()
    const client = answering({ takesInputRequired: true, standing: undefined })

    const asked = await callBy(house, client, 'test_input_required_result_request_state')
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } }
    const extra = { inputResponses, requestState: asked['requestState'] }
    const done = await callBy(house, client, 'test_input_required_result_request_state', {}, { extra })

    expect(asked).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { method: 'elicitation/create', params: { message: '[one] Please confirm' } } },
    })
    expect(done.content?.[0]?.['text']).toContain('state-ok')
    expect(client.asked).toEqual([])
  })

  it('has the answers recorded that such a client brings, as part of the call that brings them', async () => {
    const house = await openFixture()
    const client = answering({ takesInputRequired: true, standing: undefined })
    const asked = await callBy(house, client, 'test_input_required_result_request_state')
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } }
    const extra = { inputResponses, requestState: asked['requestState'] }

    await callBy(house, client, 'test_input_required_result_request_state', {}, { extra })

    const { calls } = await house.operate('audit_call_list', { search: 'request:one__input_responses' })
    const [{ id, parentId }] = calls
    const { call } = await house.operate('audit_call_get', { id })
    expect(calls).toHaveLength(1)
    expect(call.request).toEqual(inputResponses)
    expect((await house.operate('audit_call_get', { id: parentId })).call.tool).toContain('request_state')
  })

  it('sees a form that is not filled in as such, and fails where nobody can be asked', async () => {
    const house = await openFixture()
    const declining = testClient(ACCEPTS, () => ({ action: 'decline' }))

    expect(await textBy(house, declining, 'test_input_required_result_elicitation')).toBe('Hello, undefined!')
    const fault = await faultOf(house.call('one__test_input_required_result_elicitation', {}))
    expect(fault).toMatchObject({ code: 'invalid' })
  })

  it('says as much as the client wants to hear', async () => {
    const house = await openFixture()
    const heard = async (more: Partial<TestClient>) => {
      const methods: string[] = []
      await callBy(house, answering(more), 'test_logging_tool', {}, { notify: (method: string) => methods.push(method) })
      return methods.filter((method) => method === 'notifications/message').length
    }

    expect(await heard({ logLevel: 'error' })).toBe(0)
    expect(await heard({ logLevel: 'debug' })).toBeGreaterThan(0)
    expect(await heard({})).toBeGreaterThan(0)
    expect(await heard({ takesInputRequired: true })).toBe(0)
  })

  it('tells of a resource that was asked for last, however quickly that is taken back and asked for again', async () => {
    const house = await openFixture()
    const client = answering()
    const name = 'subscription:resource:one__test://watched-resource'
    const turn = (on: boolean) => house.call(name, { on }, { client })

    await Promise.all(Array.from({ length: 41 }, (_, index) => turn(index % 2 === 0)))
    await callBy(house, client, 'test_update_watched_resource')

    await eventually(() => expect(client.told.map(({ method }) => method)).toContain('notifications/resources/updated'))
  })

  it('tells what changed, and its list is read again', async () => {
    const house = await openFixture()
    const description = () => house.gatehouse.catalog.findTool('one__test_changing_tool')?.definition.description
    const client = answering()

    await callBy(house, client, 'test_trigger_tool_change')

    await eventually(() => expect(description()).toBe('Was changed 1 times.'))
  })

  it('tells of a watched resource as long as anybody watches it', async () => {
    const house = await openFixture()
    const [one, two] = [answering(), answering()]
    const name = 'subscription:resource:one__test://watched-resource'
    const watch = (client: TestClient, on: boolean, sessionKey = 'test') => house.call(name, { on }, { client, sessionKey })

    await watch(one, true)
    await watch(two, true, 'other')
    await callBy(house, one, 'test_update_watched_resource')
    await eventually(() => expect([one.told.length, two.told.length]).toEqual([1, 1]))
    await watch(one, false)
    await callBy(house, one, 'test_update_watched_resource')
    await eventually(() => expect(two.told.length).toBe(2))

    expect(one.told).toMatchObject([{ method: 'notifications/resources/updated', params: { uri: 'test://watched-resource' } }])
    expect(house.store.registry.get('one').link?.subscriptions.size).toBe(1)
  })

  it('is shown with its era, what it declares and what it works on, and an operator can cancel that', async () => {
    const house = await openFixture()
    const waiting = callBy(house, answering(), 'test_wait_for_cancel').catch((fault) => fault)
    const upstream = await eventually(async () => {
      const shown = await house.operate('upstream_get', { alias: 'one' })
      expect(shown.streams).toBe(1)
      return shown
    })

    expect(upstream).toMatchObject({
      era: 'stateless',
      capabilities: { tools: { listChanged: true } },
      sessions: 0,
      calls: [{ tool: 'one__test_wait_for_cancel', method: 'tools/call', caller: 'system' }],
    })
    expect(upstream.promptCount).toBeGreaterThan(3)
    const [{ callId }] = upstream.calls
    await house.operate('upstream_call_cancel', { alias: 'one', callId })

    expect(await waiting).toMatchObject({ code: 'cancelled', message: 'The call was cancelled by system.' })
    expect((await house.operate('upstream_get', { alias: 'one' })).calls).toEqual([])
    expect(await faultOf(house.operate('upstream_call_cancel', { alias: 'one', callId }))).toMatchObject({ code: 'not_found' })
  })

  it('stops working on a call that its caller takes back', async () => {
    const house = await openFixture()
    const caller = new AbortController()
    const client = answering()
    const waiting = callBy(house, client, 'test_wait_for_cancel', {}, { signal: caller.signal }).catch((fault) => fault.code)
    await textBy(house, client, 'test_simple_text')
    await textBy(house, client, 'test_simple_text')

    caller.abort()

    expect(await waiting).toBe('cancelled')
    await eventually(async () => expect(await textBy(house, client, 'test_count_cancelled')).toBe('1'))
  })
})
