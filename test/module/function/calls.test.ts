import { describe, expect, test } from 'vitest'
import { openTestHouse } from '../../support.ts'
import { ask, get } from './ask.ts'
import { createGate } from './gate.ts'
import { callOverMcp } from './mcp.ts'
import { openFunctions } from './open-functions.ts'

const gate = createGate()
const functions = openFunctions(() => openTestHouse({ onDisk: true, until: 'suite', extra: [gate.module] }))
const { publish, lastRun } = functions
const call = (name: string, args: object = {}, token?: string) => ask(functions.house, 'POST', `/tools/fn/${name}`, args, token)

const titled = { inputSchema: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } }, effect: 'read' }

describe('a published function', () => {
  test('is a tool over REST and MCP, and answers text and structure', async () => {
    await publish('slug', `export default ({ title }) => ({ slug: title.toLowerCase().replace(/[^a-z0-9]+/g, '-') })`, {
      ...titled,
      title: 'Slug of a title',
      outputSchema: { type: 'object', properties: { slug: { type: 'string' } } },
    })

    expect(await call('slug', { title: 'Hello, World' })).toMatchObject({
      status: 200,
      body: {
        isError: false,
        structuredContent: { slug: 'hello-world' },
        content: [{ type: 'text', text: '{"slug":"hello-world"}' }],
      },
    })
    expect(
      await callOverMcp(functions.house, 'tools/call', { name: 'fn__slug', arguments: { title: 'Over MCP' } }),
    ).toMatchObject({
      result: { structuredContent: { slug: 'over-mcp' } },
    })
    const { result } = await callOverMcp(functions.house, 'tools/list', {})
    expect(result.tools.find(({ name }: { name: string }) => name === 'fn__slug')).toMatchObject({
      title: 'Slug of a title',
      inputSchema: { required: ['title'] },
      outputSchema: { type: 'object' },
      annotations: { readOnlyHint: true, idempotentHint: true },
    })
  })

  test('refuses arguments that its schema refuses, and callers without the right', async () => {
    await publish('strict', 'export default ({ title }) => title', titled)
    const stranger = await functions.house.token('tool:fn__other')

    expect(await call('strict', { title: 1 })).toMatchObject({ status: 400, body: { errors: [{ path: '/title' }] } })
    expect(await call('strict', { title: 'x' }, stranger)).toMatchObject({ status: 403 })
  })

  test('that throws is a tool that failed, with its message and without its logs', async () => {
    await publish('thrower', `export default (_, { log }) => {\n  log('between us')\n  throw new Error('No such month')\n}`)

    const { status, body } = await call('thrower')

    expect(status).toBe(200)
    expect(body).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('No such month') }] })
    expect(JSON.stringify(body)).not.toContain('between us')
    expect(await lastRun('thrower')).toMatchObject({
      outcome: 'failed',
      reason: 'thrown',
      asked: 'call',
      version: 1,
      requestId: body.requestId,
      logs: [{ level: 'info', text: 'between us' }],
    })
    expect((await get(functions.house, 'GET', '/functions?search=thrower')).functions).toMatchObject([{ calls: 1, failures: 1 }])
  })

  test.each([
    ['endless', 'export default () => { for (;;); }', { timeoutMs: 50 }, 504, 'timeout', 'timeoutMs is 50'],
    [
      'glutton',
      'export default () => { const all = []; for (;;) all.push(new Array(10_000).fill(1)) }',
      { memoryBytes: 4_194_304 },
      413,
      'too_large',
      'memoryBytes is 4194304',
    ],
    ['babbler', 'export default () => "x".repeat(2_000)', { maxOutputBytes: 1_000 }, 413, 'too_large', '1000 bytes'],
  ])('%s is held to its limits, and told which', async (name, source, limits, status, code, limit) => {
    await publish(name, source, { limits })

    expect(await call(name)).toMatchObject({ status, body: { code, detail: expect.stringContaining(limit) } })
  })

  test('that gives what its own schema forbids has failed', async () => {
    await publish('liar', 'export default () => ({ sum: "many" })', {
      outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
    })

    expect(await call('liar')).toMatchObject({ status: 200, body: { isError: true } })
    expect(await lastRun('liar')).toMatchObject({ reason: 'schema' })
  })

  test('that may log nothing runs, and logs nothing', async () => {
    await publish('mute', 'export default (_, { log }) => log("anything")', { limits: { maxLogBytes: 0 } })

    expect(await call('mute')).toMatchObject({ status: 200, body: { isError: false } })
    expect(await lastRun('mute')).toMatchObject({ outcome: 'ok', logs: [], logsCut: true })
  })

  test('what looks like a secret is not kept in its logs', async () => {
    await publish('leaky', `export default (_, { log }) => log('password=hunter2secret')`)

    await call('leaky')

    expect(JSON.stringify(await lastRun('leaky'))).not.toContain('hunter2secret')
  })
})

describe('versions', () => {
  test('a call runs what is current; rolling back and switching off act at once', async () => {
    const { updatedAt } = await publish('which', 'export default () => "one"')
    await get(functions.house, 'PUT', '/functions/which', { updatedAt, source: 'export default () => "two"' })
    expect((await call('which')).body.content).toMatchObject([{ text: 'one' }])

    await get(functions.house, 'POST', '/functions/which/versions', { note: 'Second.' })
    expect((await call('which')).body.content).toMatchObject([{ text: 'two' }])

    await get(functions.house, 'POST', '/functions/which/roll-back', { version: 1 })
    expect((await call('which')).body.content).toMatchObject([{ text: 'one' }])

    await get(functions.house, 'POST', '/functions/which/disable', {})
    expect(await call('which')).toMatchObject({ status: 404 })
    await get(functions.house, 'POST', '/functions/which/enable', {})
    expect((await call('which')).body.content).toMatchObject([{ text: 'one' }])
    expect(await get(functions.house, 'GET', '/functions/which/versions')).toMatchObject({
      versions: [
        { version: 2, note: 'Second.', current: false },
        { version: 1, current: true },
      ],
    })
    const { diff, definitionDiff } = await get(functions.house, 'GET', '/functions/which/versions/2?against=1')
    expect(diff).toEqual([
      { sign: '-', text: 'export default () => "one"' },
      { sign: '+', text: 'export default () => "two"' },
    ])
    expect(definitionDiff).toBeNull()
  })

  test('a version that may do more than the one before says so', async () => {
    const source = 'export default () => 1'
    const { updatedAt } = await publish('grown', source)
    await get(functions.house, 'PUT', '/functions/grown', { updatedAt, source, keys: ['tool:files__*'] })
    await get(functions.house, 'POST', '/functions/grown/versions', {})

    const { diff, definitionDiff } = await get(functions.house, 'GET', '/functions/grown/versions/2?against=1')

    expect(diff).toEqual([{ sign: ' ', text: source }])
    const changed = definitionDiff.filter(({ sign }: { sign: string }) => sign !== ' ')
    expect(changed.map(({ sign, text }: { sign: string; text: string }) => sign + text.trim())).toContain('+"tool:files__*"')
  })

  test('what calls run already is not published again', async () => {
    const { updatedAt } = await publish('same', 'export default () => 1')

    expect(await ask(functions.house, 'POST', '/functions/same/versions', {})).toMatchObject({
      status: 409,
      body: { detail: 'The draft of same is version 1, which calls run already. Change it first.' },
    })
    await get(functions.house, 'PUT', '/functions/same', { updatedAt, source: 'export default () => 1', effect: 'read' })
    expect(await get(functions.house, 'POST', '/functions/same/versions', {})).toMatchObject({ version: 2 })
  })

  test('what does not compile is not published, and the refusal names the line', async () => {
    await get(functions.house, 'POST', '/functions', {
      name: 'broken',
      language: 'typescript',
      source: 'export default (input: { n: number }) => {\n  return input.n +\n}',
    })

    const { body: checked } = await ask(functions.house, 'POST', '/functions/broken/check', {})
    const published = await ask(functions.house, 'POST', '/functions/broken/versions', {})

    expect(checked.problems).toMatchObject([{ in: 'source', line: 3, column: expect.any(Number) }])
    expect(published).toMatchObject({
      status: 400,
      body: { code: 'invalid', errors: [{ path: '/source', message: expect.stringContaining('line 3') }] },
    })
    expect(await call('broken')).toMatchObject({ status: 404 })
  })

  test('nobody publishes keys that they do not hold', async () => {
    const deputy = await functions.house.token('function.*', 'tool:files__*')
    await get(functions.house, 'POST', '/functions', {
      name: 'greedy',
      source: 'export default () => 1',
      keys: ['tool:files__read', 'access.write'],
    })

    const told = await ask(functions.house, 'POST', '/functions/greedy/versions', {}, deputy)

    expect(told).toMatchObject({ status: 403, body: { detail: expect.stringContaining('access.write') } })
    expect(told.body.detail).not.toContain('tool:files__read')
  })
})

describe('a draft', () => {
  test('is tested with result, logs and duration, saved or not, and nobody else sees it', async () => {
    await publish('tried', 'export default () => "published"')

    const tested = await get(functions.house, 'POST', '/functions/tried/test', {
      input: { n: 2 },
      source: `export default ({ n }, { log }) => { log('doubling', n); return { n: n * 2 } }`,
    })

    expect(tested).toMatchObject({ ok: true, output: { n: 4 }, logs: [{ text: 'doubling 2' }], durationMs: expect.any(Number) })
    expect((await call('tried')).body.content).toMatchObject([{ text: 'published' }])
    expect((await get(functions.house, 'GET', '/function-invocations?name=tried')).invocations).toMatchObject([
      { asked: 'call', version: 1 },
      { asked: 'test', version: null },
    ])
  })

  test('is tried in another language than it was saved in', async () => {
    await get(functions.house, 'POST', '/functions', { name: 'moved', source: 'export default () => 1' })

    const tested = await get(functions.house, 'POST', '/functions/moved/test', {
      input: { n: 2 },
      source: 'export default ({ n }: { n: number }): number => n * 2',
      language: 'typescript',
    })

    expect(tested).toMatchObject({ ok: true, output: 4 })
  })

  test('with a clock and a seed gives the same twice', async () => {
    await get(functions.house, 'POST', '/functions', { name: 'dice', source: 'export default () => [Date.now(), Math.random()]' })
    const roll = async (seed: number) =>
      (await get(functions.house, 'POST', '/functions/dice/test', { nowMs: 1_700_000_000_000, seed })).output

    const [first, again, other] = [await roll(1), await roll(1), await roll(2)]

    expect(first).toEqual(again)
    expect(first[0]).toBe(1_700_000_000_000)
    expect(other[1]).not.toBe(first[1])
  })

  test('that throws is an answer of the test', async () => {
    await get(functions.house, 'POST', '/functions', {
      name: 'oops',
      source: 'export default () => { throw new TypeError("No") }',
    })

    expect(await get(functions.house, 'POST', '/functions/oops/test', {})).toMatchObject({
      ok: false,
      reason: 'thrown',
      output: null,
      message: expect.stringContaining('No'),
    })
  })
})

describe('a function that calls tools', () => {
  const asking = (tool: string) => `export default async (input, { tools }) => tools.call('${tool}', input)`

  test('does so as its caller, with no more than its keys', async () => {
    await publish('inner', 'export default ({ n }) => ({ n: n + 1 })')
    await publish('outer', asking('fn__inner'), { keys: ['tool:fn__inner'] })
    await publish('keyless', asking('fn__inner'))
    const narrow = await functions.house.token('tool:fn__outer')

    expect((await call('outer', { n: 1 })).body.structuredContent).toEqual({ n: 2 })
    expect((await call('keyless', { n: 1 })).body).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('keyless may not use the right tool:fn__inner: its keys do not name it') }],
    })
    expect((await call('outer', { n: 1 }, narrow)).body).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('Ask an administrator') }],
    })
    expect(await lastRun('inner')).toMatchObject({ depth: 1, callerName: expect.stringContaining('root') })
  })

  test('may call operations', async () => {
    await publish('whoami', `export default async (_, { tools }) => (await tools.call('access_me')).id`, {
      keys: ['self.read'],
    })

    expect((await call('whoami')).body.content).toMatchObject([{ text: expect.stringMatching(/^user:/) }])
  })

  test('has what it calls recorded as parts of its own call', async () => {
    await publish('asker', asking('access_me'), { keys: ['self.read'] })
    await publish('outer_asker', asking('fn__asker'), { keys: ['tool:fn__asker', 'self.read'] })

    await call('outer_asker')

    const { calls } = await get(functions.house, 'GET', '/audit/calls?nested=true&tool=fn__outer_asker')
    expect(calls).toMatchObject([{ tool: 'fn__outer_asker', parts: [{ tool: 'fn__asker', transport: 'lane' }] }])
    const inner = await get(functions.house, 'GET', `/audit/calls?parentId=${calls[0].parts[0].id}`)
    expect(inner.calls).toMatchObject([{ tool: 'access_me', transport: 'lane' }])
  })

  test('has what its draft calls in a test recorded as parts of the test', async () => {
    await publish('asked_in_a_test', asking('access_me'), { keys: ['self.read'] })

    await get(functions.house, 'POST', '/functions/asked_in_a_test/test', { input: {} })

    const { calls } = await get(functions.house, 'GET', '/audit/calls?nested=true&tool=function_test&limit=1')
    expect(calls).toMatchObject([{ tool: 'function_test', parts: [{ tool: 'access_me', transport: 'lane' }] }])
  })

  test('that calls itself is stopped at a depth that says so', async () => {
    await publish('ouroboros', asking('fn__ouroboros'), { keys: ['tool:fn__ouroboros'] })

    const { body } = await call('ouroboros')

    expect(body).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('4 deep') }] })
  })

  test.each(['function_test', 'function_check', 'function_publish'])(
    'may not call %s, which waits for its own lane',
    async (tool) => {
      const name = `waits_${tool}`
      await publish(name, asking(tool), { keys: ['function.*'] })

      expect((await call(name, { name })).body).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('its own lane') }],
      })
    },
  )

  test('is refused its next call once its token is revoked', async () => {
    await publish(
      'revoked',
      `export default async (_, { tools }) => {
      await tools.call('gate__pass', {})
      return tools.call('gate__pass', {})
    }`,
      { keys: ['tool:gate__pass'] },
    )
    const token = await functions.house.token('tool:fn__revoked', 'tool:gate__pass')

    const { tokens } = await get(functions.house, 'GET', '/tokens?limit=1')
    const held = gate.hold()
    const running = call('revoked', {}, token)
    await held.entered
    await get(functions.house, 'DELETE', `/tokens/${tokens[0].id}`)
    held.open()

    expect((await running).body).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('revoked') }] })
  })
})

describe('what cannot run', () => {
  test('a backend that is switched off says how to switch it on', async () => {
    const image = `python@sha256:${'a'.repeat(64)}`
    const source = 'def main(input): return input'
    await get(functions.house, 'POST', '/functions', { name: 'snake', language: 'python', backend: 'docker', image, source })

    for (const path of ['check', 'versions', 'test']) {
      expect(await ask(functions.house, 'POST', `/functions/snake/${path}`, {}), path).toMatchObject({
        status: 403,
        body: { code: 'disabled', detail: expect.stringContaining('function.docker') },
      })
    }
  })

  test.each([
    ['abacus', { backend: 'abacus' }, 403, 'disabled', '[function.plugin.abacus]'],
    ['misplaced', { language: 'python' }, 400, 'invalid', 'does not run python'],
  ])('%s runs nowhere, and is told so', async (name, definition, status, code, detail) => {
    await get(functions.house, 'POST', '/functions', { name, source: 'x', ...definition })

    expect(await ask(functions.house, 'POST', `/functions/${name}/versions`, {})).toMatchObject({
      status,
      body: { code, detail: expect.stringContaining(detail) },
    })
  })

  test('a call whose caller goes away is called off', async () => {
    await publish('abandoned', `export default async (_, { tools }) => tools.call('gate__pass')`, { keys: ['tool:gate__pass'] })
    const held = gate.hold()
    const leaving = new AbortController()

    const running = functions.house.fetch('/api/tools/fn/abandoned', functions.house.adminToken, {
      method: 'POST',
      signal: leaving.signal,
    })
    await held.entered
    leaving.abort()
    await expect(running).rejects.toThrow()

    expect(await lastRun('abandoned')).toMatchObject({ outcome: 'cancelled' })
    held.open()
  })
})
