import { describe, expect, it, vi } from 'vitest'
import { RpcError } from '../../../../src/mcp/rpc.ts'
import { stoppedClock } from '../clock.ts'
import { type DemoControls, text } from '../demo-module.ts'
import { type ServerWorld, serveWorld } from '../world.ts'
import { type Peer, peer } from './peer.ts'

const ALICE = 'alice-token'
const WAIT = { name: 'demo__wait', arguments: { a: 1, b: [2] } }
const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
const FORM = { message: 'Who?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }

type Waiting = DemoControls['waiting'][number]

/** A call of Alice's that has reached its tool. */
async function callWaiting(world: ServerWorld, client: Peer, params: object = {}) {
  const before = world.demo.waiting.length
  const answer = client.post('tools/call', { ...WAIT, ...params })
  const call = await vi.waitFor(() => {
    const found = world.demo.waiting[before]
    expect(found).toBeDefined()
    return found!
  })
  return { answer, call }
}

const asks = (
  call: Waiting,
  method = 'elicitation/create',
  params: unknown = FORM,
  signal = call.visit.signal,
): Promise<unknown> => {
  const answered = call.visit.ask!(method, params, signal)
  // Awaited by the tests that care.
  answered.catch(() => {})
  return answered
}

async function asked(world: ServerWorld, client = peer(world.url, ALICE, { capabilities: CAPABILITIES })) {
  const { answer, call } = await callWaiting(world, client)
  const question = asks(call)
  const { result } = (await answer).json
  const [key] = Object.keys(result.inputRequests)
  return { client, call, question, key: key!, requestState: result.requestState as string, result }
}

const accept = (name: string) => ({ action: 'accept', content: { name } })

describe('A server that asks the client of a call', () => {
  it('gets the answer of the next request, and the call ends in that', async () => {
    const world = await serveWorld()
    const { client, call, question, key, requestState, result } = await asked(world)

    const retried = client.post('tools/call', { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState })
    const answer = await question
    call.finish(text('Hello, Ada!'))

    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { [key]: { method: 'elicitation/create', params: FORM } },
    })
    expect(answer).toEqual(accept('Ada'))
    expect((await retried).json.result).toMatchObject({ resultType: 'complete', content: [{ text: 'Hello, Ada!' }] })
    expect(world.demo.visits).toHaveLength(1)
  })

  it('asks everything at once that it asks at once', async () => {
    const world = await serveWorld()
    const client = peer(world.url, ALICE, { capabilities: CAPABILITIES })
    const { answer, call } = await callWaiting(world, client)

    const questions = [asks(call), asks(call, 'sampling/createMessage', { messages: [] }), asks(call, 'roots/list', {})]
    const { result } = (await answer).json
    const keys = Object.keys(result.inputRequests)
    const inputResponses = Object.fromEntries(keys.map((key) => [key, { said: key }]))
    const retried = client.request('tools/call', { ...WAIT, inputResponses, requestState: result.requestState })
    const answers = await Promise.all(questions)
    call.finish(text('all'))

    expect(keys.map((key) => result.inputRequests[key].method)).toEqual([
      'elicitation/create',
      'sampling/createMessage',
      'roots/list',
    ])
    expect(answers).toEqual(keys.map((said) => ({ said })))
    expect((await retried).result.content).toEqual([{ type: 'text', text: 'all' }])
  })

  it('may ask again and again, each time with another state', async () => {
    const world = await serveWorld()
    const { client, call, key, requestState } = await asked(world)

    const second = client.request('tools/call', { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState })
    const question = asks(call, 'roots/list', {})
    const { result } = await second
    const [key2] = Object.keys(result.inputRequests)
    const third = client.request('tools/call', {
      ...WAIT,
      inputResponses: { [key2!]: { roots: [] } },
      requestState: result.requestState,
    })
    const answer = await question
    call.finish(text('done'))

    expect(result.requestState).not.toBe(requestState)
    expect(key2).not.toBe(key)
    expect(answer).toEqual({ roots: [] })
    expect((await third).result.content).toEqual([{ type: 'text', text: 'done' }])
  })

  it('asks ten times and no more', async () => {
    const world = await serveWorld()
    const client = peer(world.url, ALICE, { capabilities: CAPABILITIES })
    const { answer, call } = await callWaiting(world, client)
    asks(call)
    let { result } = (await answer).json
    for (let round = 1; round < 10; round += 1) {
      const [key] = Object.keys(result.inputRequests)
      const next = client.request('tools/call', {
        ...WAIT,
        inputResponses: { [key!]: accept('x') },
        requestState: result.requestState,
      })
      asks(call)
      result = (await next).result
    }

    const [key] = Object.keys(result.inputRequests)
    const last = client.request('tools/call', {
      ...WAIT,
      inputResponses: { [key!]: accept('x') },
      requestState: result.requestState,
    })
    await expect(asks(call)).rejects.toMatchObject({ code: 'upstream' })
    call.finish(text('gave up'))

    expect((await last).result.content).toEqual([{ type: 'text', text: 'gave up' }])
  })

  it.each<[string, unknown]>([
    ['no answers', undefined],
    ['the answer to something else', { other: accept('x') }],
    ['an answer that is a number', { 'elicitation-1': 7 }],
  ])('asks again when there is %s', async (_title, inputResponses) => {
    const world = await serveWorld()
    const { client, key, question, call, requestState } = await asked(world)

    const again = (await client.request('tools/call', { ...WAIT, inputResponses, requestState })).result
    const retried = client.request('tools/call', {
      ...WAIT,
      inputResponses: { [key]: accept('Ada'), unknown: {} },
      requestState: again.requestState,
    })
    const answer = await question
    call.finish(text('thanks'))

    expect(again).toMatchObject({ resultType: 'input_required', inputRequests: { [key]: { params: FORM } } })
    expect(answer).toEqual(accept('Ada'))
    expect((await retried).result.content).toEqual([{ type: 'text', text: 'thanks' }])
  })

  it('is told that the client is asked nothing that it has not declared, and a call that fails for it is -32021', async () => {
    const world = await serveWorld()
    const { answer, call } = await callWaiting(world, peer(world.url, ALICE, { capabilities: { elicitation: {} } }))

    await expect(asks(call, 'sampling/createMessage', { messages: [] })).rejects.toMatchObject({ code: -32601 })
    call.finish({ kind: 'relay', result: { content: [{ type: 'text', text: 'I need a model.' }], isError: true } })
    const { status, json } = await answer

    expect(status).toBe(400)
    expect(json.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { sampling: {} } } })
  })

  it.each<[object, string, object, object]>([
    [{ elicitation: {} }, 'elicitation/create', { mode: 'url', url: 'https://a.example' }, { elicitation: { url: {} } }],
    [{ elicitation: { url: {} } }, 'elicitation/create', FORM, { elicitation: { form: {} } }],
    [{ sampling: {} }, 'sampling/createMessage', { messages: [], tools: [] }, { sampling: { tools: {} } }],
    [{}, 'roots/list', {}, { roots: {} }],
  ])('needs of a client that declares %j for %s with %j: %j', async (capabilities, method, params, requiredCapabilities) => {
    const world = await serveWorld()
    const { answer, call } = await callWaiting(world, peer(world.url, ALICE, { capabilities }))

    await expect(asks(call, method, params)).rejects.toBeInstanceOf(RpcError)
    call.finish({ kind: 'relay', result: { content: [], isError: true } })

    expect((await answer).json.error.data).toEqual({ requiredCapabilities })
  })

  it('finds a bound to how much is asked at once', async () => {
    const world = await serveWorld({ limits: { maxQuestionsPerSession: 2 } })
    const { answer, call } = await callWaiting(world, peer(world.url, ALICE, { capabilities: CAPABILITIES }))

    const questions = [asks(call), asks(call), asks(call)]
    const { result } = (await answer).json

    expect(Object.keys(result.inputRequests)).toHaveLength(2)
    await expect(questions[2]).rejects.toMatchObject({ code: 'busy' })
  })

  it('may take a question back, and then nobody is asked', async () => {
    const world = await serveWorld()
    const { answer, call } = await callWaiting(world, peer(world.url, ALICE, { capabilities: CAPABILITIES }))
    const changed = new AbortController()

    const question = asks(call, 'roots/list', {}, changed.signal)
    changed.abort(new Error('not needed'))
    await expect(question).rejects.toThrow('not needed')
    call.finish(text('without'))

    expect((await answer).json.result).toMatchObject({ resultType: 'complete' })
  })

  it('may end before the client comes back, which then finds the result', async () => {
    const world = await serveWorld()
    const { client, call, requestState, question } = await asked(world)

    call.finish(text('never mind'))
    await expect(question).rejects.toMatchObject({ code: 'cancelled' })

    expect((await client.request('tools/call', { ...WAIT, requestState })).result.content[0].text).toBe('never mind')
    expect(world.server.parkedCalls).toBe(0)
  })

  it('sends progress and messages to the request that waits', async () => {
    const world = await serveWorld()
    const { client, call, question, key, requestState } = await asked(world)

    const params = { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState }
    const retried = client.post('tools/call', params, { meta: { progressToken: 'second' } })
    await question
    call.visit.notify!('notifications/x-more', {})
    call.finish(text('end'))

    expect((await retried).events.map(({ method }) => method)).toEqual(['notifications/x-more', undefined])
  })
})

describe('A requestState', () => {
  const refusal = async (client: Peer, params: object) => {
    const { status, json } = await client.post('tools/call', { ...WAIT, ...params })
    return [status, json.error?.code]
  }

  it.each<[string, (state: string) => unknown]>([
    ['longer', (state) => `${state}-TAMPERED`],
    ['changed in what it says', (state) => `A${state.slice(1)}`],
    ['changed in its seal', (state) => `${state.slice(0, -2)}AA`],
    ['cut', (state) => state.split('.')[0]],
    ['another altogether', () => 'nonsense'],
    ['a number', () => 7],
    ['nothing', () => null],
  ])('is refused when it comes back %s', async (_title, change) => {
    const world = await serveWorld()
    const { client, key, requestState } = await asked(world)

    expect(await refusal(client, { inputResponses: { [key]: accept('x') }, requestState: change(requestState) })).toEqual([
      200, -32602,
    ])
    expect(world.server.parkedCalls).toBe(1)
  })

  it('is refused when another caller brings it', async () => {
    const world = await serveWorld()
    const { requestState } = await asked(world)

    const [, code] = await refusal(peer(world.url, 'bob-token', { capabilities: CAPABILITIES }), { requestState })

    expect(code).toBe(-32602)
  })

  it.each<[string, object]>([
    ['arguments', { arguments: { a: 2, b: [2] } }],
    ['tool', { name: 'demo__chat' }],
  ])('is refused with another %s', async (_title, params) => {
    const world = await serveWorld()
    const { client, requestState } = await asked(world)

    expect(await refusal(client, { requestState, ...params })).toEqual([200, -32602])
  })

  it('is worth nothing to a caller who may not make the call any more, which is refused and recorded', async () => {
    const world = await serveWorld()
    const { client, call, key, requestState } = await asked(world)
    world.demo.setRights('alice', (right) => right !== 'tool:demo__wait')

    const { result } = await client.request('tools/call', { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState })
    call.finish(text('for those who may'))

    expect(result).toMatchObject({ isError: true, _meta: { 'gatehouse/fault': { code: 'forbidden' } } })
    expect(world.demo.records).toContain('demo__wait forbidden')
  })

  it('is good for the same arguments in another order', async () => {
    const world = await serveWorld()
    const { client, call, key, requestState } = await asked(world)

    const retried = client.request('tools/call', {
      name: WAIT.name,
      arguments: { b: [2], a: 1 },
      inputResponses: { [key]: accept('Ada') },
      requestState,
    })
    await vi.waitFor(() => expect(world.server.parkedCalls).toBe(0))
    call.finish(text('same'))

    expect((await retried).result.content[0].text).toBe('same')
  })

  it('is good once', async () => {
    const world = await serveWorld()
    const { client, call, key, requestState } = await asked(world)
    const params = { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState }

    const retried = client.request('tools/call', params)
    await vi.waitFor(() => expect(world.server.parkedCalls).toBe(0))
    const whileItRuns = await client.request('tools/call', params)
    call.finish(text('once'))
    await retried
    const afterwards = await client.request('tools/call', params)

    expect([whileItRuns.error.code, afterwards.error.code]).toEqual([-32602, -32602])
  })

  it('expires, and the call that waited is taken back', async () => {
    const clock = stoppedClock()
    const world = await serveWorld({ limits: { answerMs: 60_000 }, nowMs: clock.nowMs })
    const { client, call, question, requestState } = await asked(world)

    clock.advance(60_000)
    world.server.tick()

    await expect(question).rejects.toMatchObject({ code: 'timeout' })
    expect(call.visit.signal.aborted).toBe(true)
    expect(world.server.parkedCalls).toBe(0)
    expect(await refusal(client, { requestState })).toEqual([200, -32602])
  })

  it('is not given out for more calls than may wait', async () => {
    const world = await serveWorld({ limits: { maxParkedPerCaller: 1 } })
    const { client } = await asked(world)
    const { answer, call } = await callWaiting(world, client)

    await expect(asks(call)).rejects.toMatchObject({ code: 'busy' })
    call.finish(text('on my own'))

    expect((await answer).json.result.content[0].text).toBe('on my own')
    expect(world.server.parkedCalls).toBe(1)
  })

  it('ends with the server', async () => {
    const world = await serveWorld()
    const { call } = await asked(world)

    await world.server.close(0)

    expect(call.visit.signal.aborted).toBe(true)
    expect(world.server.parkedCalls).toBe(0)
  })
})

describe('A client that closes the connection', () => {
  it('takes the call back', async () => {
    const world = await serveWorld()
    const client = peer(world.url, ALICE, { capabilities: CAPABILITIES })
    const opened = client.open('tools/call', WAIT)
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
    const [call] = world.demo.waiting
    call!.visit.notify!('notifications/x-begun', {})

    ;(await opened).hangUp()

    await vi.waitFor(() => expect(call!.visit.signal.aborted).toBe(true))
    await vi.waitFor(() => expect(world.server.requestsInFlight).toBe(0))
  })

  it('takes a call back that it has answered a question of', async () => {
    const world = await serveWorld()
    const { client, call, question, key, requestState } = await asked(world)
    const opened = client.open('tools/call', { ...WAIT, inputResponses: { [key]: accept('Ada') }, requestState })
    await question
    call.visit.notify!('notifications/x-begun', {})

    ;(await opened).hangUp()

    await vi.waitFor(() => expect(call.visit.signal.aborted).toBe(true))
  })
})

describe('A server that is stateless itself', () => {
  const QUESTION = { resultType: 'input_required', inputRequests: { who: { method: 'elicitation/create', params: FORM } } }

  async function relayed(world: ServerWorld, result: object, capabilities: object = CAPABILITIES) {
    const client = peer(world.url, ALICE, { capabilities })
    const { answer, call } = await callWaiting(world, client)
    call.finish({ kind: 'relay', result: { ...result } })
    return { client, answer: (await answer).json, status: (await answer).status }
  }

  it('asks by its own result, and gets its own state and the answers with the next request', async () => {
    const world = await serveWorld()
    const { client, answer } = await relayed(world, { ...QUESTION, requestState: 'mine', 'x-kept': 1 })

    const inputResponses = { who: accept('Ada'), unknown: 1 }
    const retried = client.request('tools/call', {
      ...WAIT,
      inputResponses,
      requestState: answer.result.requestState,
      'x-more': 2,
    })
    const call = await vi.waitFor(() => {
      expect(world.demo.waiting).toHaveLength(2)
      return world.demo.waiting[1]!
    })
    call.finish(text('Hello, Ada!'))

    expect(answer.result).toMatchObject({ ...QUESTION, 'x-kept': 1 })
    expect(answer.result.requestState).not.toBe('mine')
    expect(call.visit.extra).toEqual({ inputResponses, requestState: 'mine', 'x-more': 2 })
    expect((await retried).result.content[0].text).toBe('Hello, Ada!')
  })

  it('may keep no state, and then none is added', async () => {
    const world = await serveWorld()
    const { client, answer } = await relayed(world, QUESTION)

    const retried = client.request('tools/call', { ...WAIT, inputResponses: { who: accept('Ada') } })
    const call = await vi.waitFor(() => {
      expect(world.demo.waiting).toHaveLength(2)
      return world.demo.waiting[1]!
    })
    call.finish(text('Hello'))
    await retried

    expect(answer.result).not.toHaveProperty('requestState')
    expect(call.visit.extra).toEqual({ inputResponses: { who: accept('Ada') } })
  })

  it.each<[string, (state: string) => unknown]>([
    ['tampered with', (state) => `${state}x`],
    ['of the server, unsealed', () => 'mine'],
  ])('is not reached with a state %s', async (_title, change) => {
    const world = await serveWorld()
    const { client, answer } = await relayed(world, { ...QUESTION, requestState: 'mine' })

    const { error } = await client.request('tools/call', { ...WAIT, requestState: change(answer.result.requestState) })

    expect(error.code).toBe(-32602)
    expect(world.demo.waiting).toHaveLength(1)
  })

  it('is not reached twice with the same state', async () => {
    const world = await serveWorld()
    const { client, answer } = await relayed(world, { ...QUESTION, requestState: 'mine' })
    const params = { ...WAIT, requestState: answer.result.requestState }

    const retried = client.request('tools/call', params)
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(2))
    const { error } = await client.request('tools/call', params)
    world.demo.waiting[1]!.finish(text('once'))
    await retried

    expect(error.code).toBe(-32602)
    expect(world.demo.waiting).toHaveLength(2)
  })

  it('may not ask for what the client has not declared', async () => {
    const world = await serveWorld()

    const { status, answer } = await relayed(world, { ...QUESTION, requestState: 'mine' }, { sampling: {} })

    expect(status).toBe(400)
    expect(answer.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: {} } } })
  })

  it('may not ask what MCP does not know', async () => {
    const world = await serveWorld()

    const { answer } = await relayed(world, { ...QUESTION, inputRequests: { x: { method: 'tools/list' } } })

    expect(answer.result).toMatchObject({ isError: true, _meta: { 'gatehouse/fault': { code: 'upstream' } } })
  })

  it.each([null, [], 'x'])('is not reached with inputResponses that are %j', async (inputResponses) => {
    const world = await serveWorld()

    const { error } = await peer(world.url, ALICE).request('tools/call', { ...WAIT, inputResponses })

    expect(error.code).toBe(-32602)
    expect(world.demo.waiting).toHaveLength(0)
  })
})
