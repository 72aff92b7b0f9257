import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Tool } from '../../../src/contract/tool.ts'
import type { RelayedResult, Visit } from '../../../src/contract/visit.ts'
import { offerTools, type RehearsalStore, rehearsal } from '../../fixture/rehearsal.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

let house: TestHouse
let store: RehearsalStore
let token: string

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], until: 'suite' })
  store = house.gatehouse.store<RehearsalStore>('rehearsal')
  token = await house.token('rehearsal.*', 'tool:echo*')
  offerTools(store, [echoTool('say'), echoTool('fail', { isError: true }), echoTool('na/me {x} ü')])
})

/** A dynamic tool that answers what it was called with. */
function echoTool(localName: string, extra: object = {}, before: (visit: Visit) => Promise<void> = async () => {}): Tool {
  const name = `echo__${localName.replace(/[^a-z]/g, '_')}`
  return {
    name,
    source: 'echo-er',
    localName,
    kind: 'dynamic',
    permit: `tool:${name}`,
    effect: 'write',
    idempotent: false,
    definition: {
      name,
      description: 'Say it again.',
      inputSchema: { type: 'object', properties: { a: {} } },
      novel: { kept: true },
    },
    parse: (raw) => raw,
    run: async (visit) => {
      await before(visit)
      const result = { content: [{ type: 'text', text: JSON.stringify(visit.arguments) }], novel: 1, ...extra } as RelayedResult
      return { kind: 'relay', result }
    },
  }
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  house.fetch(path, token, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
const json = async (reply: Promise<Response>): Promise<Record<string, any>> =>
  (await reply).json() as Promise<Record<string, any>>
const lastSeen = () => store.seen.at(-1)!

describe('an operation', () => {
  test('takes path and body, and answers with its output', async () => {
    const reply = await send('PUT', '/api/rehearsal/ghost/lines', { text: 'Swear.', loud: true })

    expect(reply.status).toBe(200)
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(await reply.json()).toMatchObject({ part: 'ghost', text: 'SWEAR.' })
    expect(lastSeen().visit).toMatchObject({ transport: 'rest', requestId: reply.headers.get('x-request-id') })
  })

  test('takes types from the text of a query', async () => {
    await send('PUT', '/api/rehearsal/one/lines', { text: 'a' })

    const { lines } = await json(send('GET', '/api/rehearsal/lines?limit=1&parts=one'))

    expect(lines).toEqual([expect.objectContaining({ part: 'one' })])
  })

  test('takes types from the text of a path', async () => {
    expect(await json(send('DELETE', '/api/rehearsal/lines/77'))).toMatchObject({
      code: 'not_found',
      detail: 'There is no line 77.',
    })
  })

  test('names every error of its input with its path', async () => {
    const problem = await json(send('GET', '/api/rehearsal/lines?limit=500&misspelt=1'))

    expect(problem).toMatchObject({ status: 400, code: 'invalid' })
    expect(problem['errors'].map(({ path }: { path: string }) => path)).toEqual(['/limit', '/misspelt'])
  })

  test.each([
    ['a body that names another value than the path', 'PUT', '/api/rehearsal/ghost/lines', { text: 'a', part: 'queen' }, '/part'],
    ['a field of the body in the query', 'PUT', '/api/rehearsal/ghost/lines?loud=true', { text: 'a' }, '/loud'],
    ['a field of the path in the query', 'DELETE', '/api/rehearsal/lines/7?id=8', undefined, '/id'],
    ['a body where none belongs', 'DELETE', '/api/rehearsal/lines/7', { id: 7 }, ''],
  ])('refuses %s, and records it', async (_title, method, path, body, where) => {
    const problem = await json(send(method, path, body))

    expect(problem).toMatchObject({ code: 'invalid', errors: [{ path: where }] })
    expect(lastSeen().ending).toMatchObject({ outcome: 'invalid', stage: 'parse' })
  })

  test('looks at rights before it looks at how the request is put together', async () => {
    const reply = await house.fetch('/api/rehearsal/lines/7?id=8', await house.token('rehearsal.read'), { method: 'DELETE' })

    expect(await reply.json()).toMatchObject({ code: 'forbidden', data: { permit: 'rehearsal.erase' } })
  })

  test('takes a body that repeats the value of the path', async () => {
    expect((await send('PUT', '/api/rehearsal/ghost/lines', { text: 'a', part: 'ghost' })).status).toBe(200)
  })

  test.each(['throw', 'answer'])('that falls over a bug (%s) says internal and keeps the text inside', async (how) => {
    const reply = await send('POST', '/api/rehearsal/stumble', { how })
    const text = await reply.text()

    expect(reply.status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ code: 'internal', request_id: reply.headers.get('x-request-id') })
    expect(text).not.toContain('secret')
  })

  test('is cancelled when the client hangs up', async () => {
    const client = new AbortController()
    const sent = house.fetch('/api/rehearsal/wait', token, { method: 'POST', signal: client.signal })
    await vi.waitFor(() => expect(store.waiting).toHaveLength(1))

    client.abort()

    await expect(sent).rejects.toThrow()
    await vi.waitFor(() => expect(lastSeen().ending.outcome).toBe('cancelled'))
    expect(store.waiting.pop()!.aborted).toBe(true)
  })

  test('says when to come back where that is known', async () => {
    const reply = await send('POST', '/api/rehearsal/wait', { end: 'fault' })

    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '2'])
  })
})

describe('a tool by its address', () => {
  test.each([
    ['wrapped', { arguments: { a: 1 } }],
    ['bare', { a: 1 }],
  ])('takes its arguments %s and answers what the upstream sent, unknown fields included', async (_form, body) => {
    const reply = await send('POST', '/api/tools/echo-er/say', body)

    expect(reply.status).toBe(200)
    expect(await reply.json()).toEqual({
      content: [{ type: 'text', text: '{"a":1}' }],
      novel: 1,
      isError: false,
      durationMs: expect.any(Number),
      requestId: reply.headers.get('x-request-id'),
    })
  })

  test.each([[undefined], ['']])('takes the body %j as no arguments', async (body) => {
    const { content } = await json(send('POST', '/api/tools/echo-er/say', body, { 'content-type': 'application/json' }))

    expect(content[0].text).toBe('{}')
  })

  test('that fails still answers 200, with isError', async () => {
    const reply = await send('POST', '/api/tools/echo-er/fail', {})

    expect(reply.status).toBe(200)
    expect(await reply.json()).toMatchObject({ isError: true })
  })

  test('may have a name with a slash, braces and letters beyond ASCII', async () => {
    const path = `/api/tools/echo-er/${encodeURIComponent('na/me {x} ü')}`

    expect((await send('POST', path, {})).status).toBe(200)
    expect(await json(send('GET', path))).toMatchObject({ tool: 'na/me {x} ü', source: 'echo-er' })
  })

  test('that does not exist is refused and recorded', async () => {
    const reply = await send('POST', '/api/tools/echo-er/nothing', {})

    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([404, 'not_found'])
    expect(lastSeen().visit.tool.name).toBe('echo-er/nothing')
  })

  test('may be an operation too', async () => {
    const { structuredContent } = await json(send('POST', '/api/tools/rehearsal/list', { arguments: { limit: 1 } }))

    expect(structuredContent.lines).toHaveLength(1)
  })
})

describe('the list of tools', () => {
  test('shows what the caller may call and nothing else', async () => {
    const { tools, total } = await json(send('GET', '/api/tools?source=echo-er'))
    const other = await house.fetch('/api/tools?source=echo-er', await house.token('rehearsal.read'))

    expect(tools[0]).toEqual({
      name: expect.any(String),
      source: 'echo-er',
      tool: expect.any(String),
      description: 'Say it again.',
      kind: 'dynamic',
      effect: 'write',
    })
    expect(total).toBe(3)
    expect(await other.json()).toEqual({ tools: [], total: 0 })
  })

  test('refuses a misspelt field of its query', async () => {
    expect(await json(send('GET', '/api/tools?serach=say'))).toMatchObject({ code: 'invalid', errors: [{ path: '/serach' }] })
  })

  test('leads to definitions with their schemas, unknown fields included', async () => {
    expect(await json(send('GET', '/api/tools/echo-er/say'))).toMatchObject({
      name: 'echo__say',
      tool: 'say',
      inputSchema: { type: 'object' },
      novel: { kept: true },
    })
  })

  test('hides a definition from who may not call the tool as if it did not exist', async () => {
    const other = await house.token('rehearsal.read')
    const [hidden, missing] = await Promise.all(
      ['say', 'none'].map(
        async (tool) => (await house.fetch(`/api/tools/echo-er/${tool}`, other)).json() as Promise<{ detail: string }>,
      ),
    )

    expect(hidden!.detail.replace('say', 'none')).toBe(missing!.detail)
  })
})

describe('a stream of events', () => {
  const accept = { accept: 'text/event-stream' }
  const events = (text: string): [string, any][] =>
    text
      .trim()
      .split('\n\n')
      .map((block) => {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!
        return [name!, JSON.parse(data!)]
      })

  test('carries each progress report, then the result', async () => {
    const reply = await send('POST', '/api/tools/rehearsal/wait', { end: 'ok' }, accept)
    const got = events(await reply.text())

    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    expect(got.map(([name]) => name)).toEqual(['progress', 'progress', 'progress', 'result'])
    expect(got[1]![1]).toEqual({ progress: 2, total: 3, message: 'step\n2' })
    expect(got[3]![1]).toMatchObject({ structuredContent: {}, isError: false })
  })

  test('ends with an error when the call fails after the first event', async () => {
    const got = events(await (await send('POST', '/api/tools/rehearsal/wait', { end: 'fault' }, accept)).text())

    expect(got.at(-1)).toEqual(['error', expect.objectContaining({ code: 'unavailable', status: 503 })])
  })

  test('says every 15 s that a silent tool is still running', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const silence = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    onTestFinished(() => void vi.useRealTimers())
    offerTools(store, [
      echoTool('say', {}, async () => {
        started.resolve()
        await silence.promise
      }),
    ])

    const asked = send('POST', '/api/tools/echo-er/say', {}, accept)
    await started.promise
    vi.advanceTimersByTime(15_000)
    const reply = await asked
    silence.resolve()

    expect(await reply.text()).toMatch(/^: still running\n\nevent: result\n/)
  })

  test('leaves progress out for a reader that does not keep up, and never the result', async () => {
    const message = 'x'.repeat(1_000)
    offerTools(store, [
      echoTool('say', {}, async ({ progress }) => {
        for (let step = 0; step < 2_000; step += 1) progress?.({ progress: step, message })
      }),
    ])

    const got = events(await (await send('POST', '/api/tools/echo-er/say', {}, accept)).text())

    expect(got.length).toBeLessThan(2_000)
    expect(got.map(([name]) => name).lastIndexOf('progress')).toBeGreaterThan(0)
    expect(got.at(-1)![0]).toBe('result')
  })

  test('is not begun for a call that is refused', async () => {
    const reply = await send('POST', '/api/tools/rehearsal/wait', { misspelt: 1 }, accept)

    expect([reply.status, reply.headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8'])
  })

  test('cancels the call when the client leaves in the middle', async () => {
    const client = new AbortController()
    const reply = await house.fetch('/api/tools/rehearsal/wait', token, {
      method: 'POST',
      headers: accept,
      signal: client.signal,
    })
    await vi.waitFor(() => expect(store.waiting).toHaveLength(1))

    client.abort()

    await expect(reply.text()).rejects.toThrow()
    await vi.waitFor(() => expect(lastSeen().ending.outcome).toBe('cancelled'))
    store.waiting.pop()
  })
})

describe('credentials', () => {
  test('may be the session of the console, with its CSRF token for changes', async () => {
    const { cookie, csrf } = await house.session()
    const put = (headers: Record<string, string>) =>
      house.fetch('/api/rehearsal/ghost/lines', undefined, {
        method: 'PUT',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{"text":"a"}',
      })

    expect((await house.fetch('/api/rehearsal/lines', undefined, { headers: { cookie } })).status).toBe(200)
    expect((await put({ 'x-csrf-token': csrf })).status).toBe(200)
    expect((await put({})).status).toBe(403)
    expect((await put({ 'x-csrf-token': `${csrf}x` })).status).toBe(403)
  })

  test('are asked for before a body is read', async () => {
    const reply = await house.fetch('/api/rehearsal/ghost/lines', undefined, {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(5_000_000),
    })

    expect(reply.status).toBe(401)
  })
})
