import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/contract/caller.ts'
import { defineModule } from '../../../src/contract/module.ts'
import type { Callable, Kind, Tool } from '../../../src/contract/tool.ts'
import type { Answer, RelayedResult } from '../../../src/contract/visit.ts'
import { resultSettings } from '../../../src/module/result/result.settings.ts'
import type { ResultStore } from '../../../src/module/result/result.store.ts'
import { openTestHouse, stoppedClock, type TestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'

const LIMITS = resultSettings.parse({ softLimitBytes: 100_000, binaryLimitBytes: 20_000, hardLimitBytes: 1_000_000 })
const other: Caller = { ...systemCaller, id: 'user:2', name: 'other' }

/** A tool that answers whatever it is told to. */
const parrot = (outputSchema?: Tool['definition']['outputSchema']): Tool => ({
  name: 'parrot__say',
  source: 'parrot',
  localName: 'say',
  kind: 'dynamic',
  permit: 'tool:parrot__say',
  effect: 'read',
  idempotent: true,
  definition: { name: 'parrot__say', inputSchema: { type: 'object' }, ...(outputSchema && { outputSchema }) },
  parse: (raw) => raw,
  run: async ({ arguments: result }) => ({ kind: 'relay', result: result as RelayedResult }),
})
/** The same as a prompt, a resource or a request of a server. */
const parrotOf = (name: string, tool: Tool): Callable | undefined => {
  const kind = /^(prompt|resource|request):parrot$/.exec(name)?.[1] as Kind | undefined
  return kind && { ...tool, name, kind, permit: undefined }
}
const parrotModule = (tool: Tool) =>
  defineModule({
    name: 'parrot',
    open: async () => ({ async close() {} }),
    operations: () => ({}),
    source: () => ({ list: () => [tool], find: (name) => parrotOf(name, tool), onChange: () => () => {} }),
  })

async function open(outputSchema?: Tool['definition']['outputSchema'], options: object = {}) {
  const house = await openTestHouse({ extra: [parrotModule(parrot(outputSchema))], settings: { result: LIMITS }, ...options })
  const enter = (name: string, args: unknown, caller: Caller = systemCaller): Promise<Answer> =>
    house.gatehouse.door.enter(caller, name, args, {
      transport: 'system',
      requestId: 'test',
      sessionKey: 'test',
      signal: new AbortController().signal,
    })
  const say = async (result: RelayedResult, caller?: Caller): Promise<any> =>
    ((await enter('parrot__say', result, caller)) as { result: RelayedResult }).result
  const get = async (input: object, caller?: Caller): Promise<any> =>
    ((await enter('result_get', input, caller)) as { data: object }).data
  const sayAs = async (name: string, result: RelayedResult): Promise<any> =>
    ((await enter(name, result)) as { result: RelayedResult }).result
  return { house: house as TestHouse, say, sayAs, get }
}
const textOf = (text: string): RelayedResult => ({ content: [{ type: 'text', text }] })

describe('a result', () => {
  it('passes as the same object while it is small', async () => {
    const { say } = await open()
    const result = { ...textOf('ä'.repeat(20_000)), structuredContent: { a: 1 }, other: [null, true, 1.5] }

    expect(await say(result)).toBe(result)
  })

  it('is cut at a character over the soft limit, and can be read whole by its owner', async () => {
    const { say, get } = await open()
    const text = '✓ größe '.repeat(30_000)

    const cut = await say(textOf(text))
    const { truncated, originalBytes, resultRef } = cut._meta
    let whole = ''
    for (let offset: number | null = 0; offset !== null; ) {
      const page = await get({ ref: resultRef, offset, limit: 65_537 })
      whole += page.text
      offset = page.nextOffset
      expect(page).toMatchObject({ tool: 'parrot__say', mediaType: 'text/plain', totalBytes: originalBytes })
    }

    expect({ truncated, originalBytes }).toEqual({ truncated: true, originalBytes: Buffer.byteLength(text) })
    expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.softLimitBytes)
    expect(text.startsWith(cut.content[0].text)).toBe(true)
    expect(cut.content[0].text.length).toBeGreaterThan(10_000)
    expect(cut.content[1].text).toContain(resultRef)
    expect(whole).toBe(text)
  })

  it('does not send a caller to the rest who may not read it', async () => {
    const { say } = await open()
    const onlyTools: Caller = { ...other, grants: { allows: (key) => key.startsWith('tool:'), expiresAt: Infinity } }

    const { content } = await say(textOf('x'.repeat(200_000)), onlyTools)

    expect(content.at(-1).text).toMatch(/200000 bytes in all\. .*needs the right result\.read/)
  })

  it('passes large pictures by reference and leaves the rest as it is', async () => {
    const { say, get } = await open()
    const small = { type: 'image', data: 'a'.repeat(1_000), mimeType: 'image/png' }
    const large = { type: 'image', data: 'b'.repeat(30_000), mimeType: 'image/png' }
    const file = { type: 'resource', resource: { uri: 'file:///x', blob: 'c'.repeat(30_000), mimeType: 'application/pdf' } }

    const cut = await say({ content: [small, large, { type: 'text', text: 'caption' }, file], extra: 1, _meta: { mine: 2 } })
    const page = await get({ ref: cut._meta.resultRef, limit: 524_288 })

    expect(cut.content.slice(0, 4)).toEqual([
      small,
      { type: 'text', text: expect.stringContaining('image/png') },
      { type: 'text', text: 'caption' },
      { type: 'text', text: expect.stringContaining('application/pdf') },
    ])
    expect(cut).toMatchObject({ extra: 1, _meta: { mine: 2, truncated: true } })
    expect(JSON.parse(page.text).content[1]).toEqual(large)
  })

  it('becomes an error that says that the call went well, where its structured content is promised but too large', async () => {
    const structured = { content: [{ type: 'text', text: 'short' }], structuredContent: { rows: 'x'.repeat(200_000) } }
    const promised = await open({ type: 'object' })
    const free = await open()

    const missed = await promised.say(structured)
    const dropped = await free.say(structured)

    expect(missed).toMatchObject({
      isError: true,
      content: [{ text: 'short' }, { text: expect.stringContaining('The call succeeded') }],
    })
    expect(dropped.isError).toBeUndefined()
    expect(dropped).not.toHaveProperty('structuredContent')
  })

  it('is refused over the hard limit', async () => {
    const { say } = await open()

    await expect(say(textOf('x'.repeat(1_000_001)))).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('a prompt', () => {
  const message = (content: unknown, role = 'user') => ({ role, content })

  it('keeps its shape when it is cut, and says last how to read the whole', async () => {
    const { sayAs, get } = await open()
    const large = { type: 'image', data: 'b'.repeat(30_000), mimeType: 'image/png' }
    const first = message({ type: 'text', text: 'short' }, 'assistant')
    const messages = [first, message(large), message({ type: 'text', text: 'ä'.repeat(60_000) }), message(null), first]

    const cut = await sayAs('prompt:parrot', { description: 'D', messages, extra: 1 })
    const page = await get({ ref: cut._meta.resultRef, limit: 524_288 })

    expect(cut).toMatchObject({ description: 'D', extra: 1, _meta: { truncated: true } })
    expect(cut).not.toHaveProperty('content')
    expect(cut.messages[0]).toEqual(first)
    expect(cut.messages[1]).toEqual(message({ type: 'text', text: expect.stringContaining('image/png') }))
    expect(cut.messages[2].content.text).toMatch(/^ä{40000,}$/)
    expect(cut.messages.at(-1)).toEqual(message({ type: 'text', text: expect.stringContaining(cut._meta.resultRef) }))
    expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.softLimitBytes)
    expect(JSON.parse(page.text)).toEqual({ description: 'D', messages, extra: 1 })
  })

  it('leaves further messages out where there is no room', async () => {
    const { sayAs } = await open()
    const messages = Array.from({ length: 5_000 }, (_, index) => message([{ type: 'text', text: `${index} ${'x'.repeat(50)}` }]))

    const cut = await sayAs('prompt:parrot', { messages })

    expect(cut.messages.length).toBeGreaterThan(300)
    expect(cut.messages.slice(0, 300)).toEqual(messages.slice(0, 300))
    expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.softLimitBytes)
  })
})

describe('what was read of a resource', () => {
  it('is handed over whole below the soft limit, however large its file is', async () => {
    const { sayAs } = await open()
    const result = { contents: [{ uri: 'file:///a', mimeType: 'image/png', blob: 'b'.repeat(30_000) }] }

    expect(await sayAs('resource:parrot', result)).toBe(result)
  })

  it('keeps its shape when it is cut: texts at a character, bytes by reference', async () => {
    const { sayAs, get } = await open()
    const text = { uri: 'file:///a', mimeType: 'text/plain', text: '✓'.repeat(60_000) }
    const blob = { uri: 'file:///b', mimeType: 'application/zip', blob: 'c'.repeat(120_000) }

    const zip = await sayAs('resource:parrot', { contents: [blob, { uri: 'file:///c', text: 'short' }] })
    const long = await sayAs('resource:parrot', { contents: [text] })
    const page = await get({ ref: long._meta.resultRef, limit: 16 })

    expect(zip.contents).toEqual([
      { uri: 'file:///b', mimeType: 'text/plain', text: expect.stringContaining('application/zip') },
      { uri: 'file:///c', text: 'short' },
      { uri: 'file:///b', mimeType: 'text/plain', text: expect.stringContaining(zip._meta.resultRef) },
    ])
    expect(long.contents[0].text).toMatch(/^✓{30000,}$/)
    expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThanOrEqual(LIMITS.softLimitBytes)
    expect(page).toMatchObject({ mediaType: 'text/plain', text: '✓'.repeat(5), totalBytes: 180_000 })
  })
})

it.each([
  [
    'what a client answers a server',
    'request:parrot',
    { role: 'assistant', content: { type: 'text', text: 'x'.repeat(200_000) } },
  ],
  ['a result that asks first', 'parrot__say', { inputRequests: { a: 'x'.repeat(200_000) }, content: [] }],
  ['a prompt of an odd shape', 'prompt:parrot', { messages: [null, 'x'.repeat(200_000)], content: {} }],
  ['a resource of an odd shape', 'resource:parrot', { contents: 'x'.repeat(200_000) }],
])('%s is not cut, and refused over the hard limit', async (_, name, result) => {
  const { sayAs } = await open()

  expect(await sayAs(name, result as RelayedResult)).toBe(result)
  await expect(sayAs(name, { ...result, more: 'x'.repeat(1_000_000) } as RelayedResult)).rejects.toMatchObject({
    code: 'too_large',
  })
})

describe('a kept result', () => {
  it("gives way to newer ones of its owner where these have too much, and to nobody else's", async () => {
    const { say, get } = await open(undefined, { settings: { result: { ...LIMITS, keepBytesPerCaller: 350_000 } } })
    const foreign = (await say(textOf('z'.repeat(120_000)), other))._meta.resultRef
    const refs: string[] = []
    for (let round = 0; round < 4; round += 1) refs.push((await say(textOf('x'.repeat(120_000))))._meta.resultRef)

    const found = await Promise.all(
      refs.map((ref) =>
        get({ ref, limit: 16 }).then(
          () => true,
          ({ code }) => code,
        ),
      ),
    )

    expect(found).toEqual(['not_found', 'not_found', true, true])
    expect(await get({ ref: foreign, limit: 16 }, other)).toMatchObject({ totalBytes: 120_000 })
  })

  it('is shown to nobody else, and looks like one that was never there', async () => {
    const { say, get } = await open()
    const { _meta } = await say(textOf('x'.repeat(200_000)))

    const foreign = await get({ ref: _meta.resultRef }, other).catch((fault) => fault)
    const unknown = await get({ ref: 'A'.repeat(22) }).catch((fault) => fault)

    expect(foreign).toMatchObject({ code: 'not_found' })
    expect(foreign.message.replace(_meta.resultRef, 'A'.repeat(22))).toBe(unknown.message)
  })

  it('lies in a file that only the gateway can read, and is gone after its time', async () => {
    const clock = stoppedClock()
    const { house, say, get } = await open(undefined, { onDisk: true, nowMs: clock.nowMs })
    const { _meta } = await say(textOf('x'.repeat(200_000)))
    const folder = join(house.gatehouse.dataDir, 'result')
    const file = join(folder, _meta.resultRef)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toHaveLength(200_000)

    clock.advance(LIMITS.keepMs)

    await expect(get({ ref: _meta.resultRef })).rejects.toMatchObject({ code: 'not_found' })
    expect(await house.gatehouse.store<ResultStore>('result').purge()).toBe(1)
    expect(existsSync(folder) && readdirSync(folder)).toEqual([])
  })
})
