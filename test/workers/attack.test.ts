import { describe, expect, test } from 'vitest'
import { type Ran, runFunction } from './run-function.ts'

const body = (statements: string): string => `export default async (input, { tools, log }) => { ${statements} }`

/** That everything goes on as if nothing had happened. */
async function expectWhole(): Promise<void> {
  expect((await runFunction('export default (input) => input.a + 1', { input: { a: 1 } })).output).toBe(2)
}

/** Of a busy machine; the bench says how soon it is on a quiet one. */
const SLACK_MS = 400

describe('what never ends is stopped at its deadline', () => {
  test.each([
    ['a loop', 'for (;;);'],
    ['a loop that catches everything', 'for (;;) { try { for (;;); } catch {} }'],
    ['a loop in finally', 'try { return 1 } finally { for (;;); }'],
    ['microtasks without end', 'await new Promise(() => { const again = () => { queueMicrotask(again) }; again() })'],
    ['a thenable that resolves to itself', 'const self = { then(resolve) { resolve(self) } }; await self'],
    ['a regular expression that backtracks', `/^(a+)+$/.test('a'.repeat(50) + 'b')`],
    ['a search of the engine itself through an endless list', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)'],
    ['a generator', 'function* all() { for (;;) yield 1 } for (const one of all());'],
    ['a getter of the result', 'return { get a() { for (;;); } }'],
    ['toJSON of the result', 'return { toJSON() { for (;;); } }'],
    ['a proxy as the result', 'return new Proxy({}, { ownKeys() { for (;;); } })'],
    ['toString of what is thrown', 'throw { toString() { for (;;); }, toJSON() { for (;;); } }'],
    ['a message of what is thrown', `throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;); } })`],
    ['a logged value', 'log({ toJSON() { for (;;); } })'],
  ])('%s', async (_title, statements) => {
    const { outcome, tookMs } = await runFunction(body(statements), { limits: { timeoutMs: 250 } })

    expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
    expect(tookMs).toBeLessThan(250 + SLACK_MS)
    await expectWhole()
  })

  test('a loop while the module is loaded', async () => {
    const { outcome, tookMs } = await runFunction('for (;;);\nexport default () => 1', { limits: { timeoutMs: 250 } })

    expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
    expect(tookMs).toBeLessThan(250 + SLACK_MS)
    await expectWhole()
  })
})

describe('what waits for nothing is told so at once', () => {
  test.each([
    ['a promise that nobody resolves', 'await new Promise(() => {})'],
    ['a thenable that does nothing', 'return { then() {} }'],
  ])('%s', async (_title, statements) => {
    const { outcome, tookMs } = await runFunction(body(statements))

    expect(outcome).toMatchObject({ ok: false, reason: 'thrown', message: expect.stringContaining('cannot happen') })
    expect(tookMs).toBeLessThan(1_000)
  })
})

describe('memory stays within its limit, and so does the process', () => {
  test.each([
    ['lists', 'const all = []; for (;;) all.push(new Array(100_000).fill(1))'],
    ['one list', 'const all = []; for (;;) all.push({})'],
    ['a list filled by the engine', 'new Array(4_000_000_000).fill(0)'],
    ['a long list-like filled by the engine', 'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0)'],
    ['buffers', 'const all = []; for (;;) all.push(new ArrayBuffer(1_000_000))'],
    ['one buffer', 'new ArrayBuffer(2 ** 31)'],
    ['texts', `const all = []; for (;;) all.push('x'.repeat(100_000) + all.length)`],
    ['a text that doubles', `let text = 'x'; for (;;) { text += text; text.charCodeAt(text.length - 1) }`],
    ['padded texts', `const all = []; for (;;) all.push(''.padEnd(1_000_000, 'ab'))`],
    ['JSON of a much shared value', 'let value = [1]; for (let i = 0; i < 40; i++) value = [value, value]; return value'],
    ['promises', 'const again = () => Promise.resolve().then(again); await again()'],
    ['symbols', 'const all = []; for (;;) all.push(Symbol.for(all.length))'],
    ['numbers', 'let n = 3n; for (;;) n *= n'],
    [
      'what is caught',
      'const all = []; for (;;) { try { all.push(new Array(10_000).fill(1)) } catch { throw new Error(all.length) } }',
    ],
    ['a text of all that is left', `const all = []; try { for (;;) all.push('x'.repeat(1_000)) } catch {} return all.join('')`],
  ])('%s', async (_title, statements) => {
    const before = process.memoryUsage.rss()

    const ran: Ran[] = []
    for (let round = 0; round < 3; round += 1) ran.push(await runFunction(body(statements), { limits: { timeoutMs: 1_500 } }))

    for (const { outcome } of ran) expect(outcome.ok).toBe(false)
    // Three times 32 MB and what the engine holds, where the machine collects nothing in between.
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000)
    await expectWhole()
  })

  test('the limit is the function’s own', async () => {
    const source = body('const all = []; try { for (;;) all.push(new Uint8Array(65_536)) } catch { return all.length * 65_536 }')

    const small = await runFunction(source, { limits: { memoryBytes: 8_388_608 } })
    const large = await runFunction(source, { limits: { memoryBytes: 67_108_864 } })

    expect(small.output).toBeGreaterThan(4_194_304)
    expect(small.output).toBeLessThan(8_388_608)
    expect(large.output).toBeGreaterThan(58_720_256)
    expect(large.output).toBeLessThan(67_108_864)
  })

  test('forty bombs in a row leave the process as large as one does', async () => {
    const source = body('const all = []; for (;;) all.push(new Uint8Array(1_000_000).fill(1))')
    for (let round = 0; round < 5; round += 1) await runFunction(source)
    const before = process.memoryUsage.rss()

    for (let round = 0; round < 40; round += 1) expect((await runFunction(source)).outcome).toMatchObject({ reason: 'memory' })

    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000)
  })
})

describe('depth ends in an error, and the engine goes on', () => {
  test.each([
    ['recursion', 'const deeper = () => deeper(); deeper()'],
    ['recursion through the engine', 'const deeper = () => [1].map(deeper); deeper()'],
    ['a value to be written', 'let value = {}; for (let i = 0; i < 100_000; i++) value = { value }; return value'],
    ['a text to be read', `JSON.parse('['.repeat(1_000_000))`],
    ['source', `eval('('.repeat(100_000))`],
    ['a regular expression', `new RegExp('('.repeat(100_000) + ')'.repeat(100_000))`],
    ['a proxy of a proxy', 'let p = {}; for (let i = 0; i < 100_000; i++) p = new Proxy(p, {}); p.a'],
    ['getters', 'const o = { get a() { return this.a } }; o.a'],
  ])('%s', async (_title, statements) => {
    expect((await runFunction(body(statements))).outcome).toMatchObject({ ok: false, reason: 'thrown' })
    await expectWhole()
  })

  test('recursion can be caught by the function itself', async () => {
    expect((await runFunction(body('const deeper = () => deeper(); try { deeper() } catch (e) { return e.name }'))).output).toBe(
      'RangeError',
    )
  })
})

describe('nothing of the machine is there', () => {
  test('no globals but those of the language', async () => {
    const { output } = await runFunction(
      body('return Object.getOwnPropertyNames(globalThis).filter((name) => /^[a-z]/.test(name)).sort()'),
    )

    expect(output).toEqual(
      ['atob', 'btoa', 'console', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'eval']
        .concat(['globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'queueMicrotask', 'undefined', 'unescape'])
        .sort(),
    )
  })

  test.each([
    ['eval', `(0, eval)('typeof process + typeof require + typeof fetch')`],
    ['the Function constructor', `(() => {}).constructor('return typeof process + typeof require + typeof fetch')()`],
    ['the constructor of a built-in', `tools.call.constructor('return typeof process + typeof require + typeof fetch')()`],
    [
      'the constructor of an async function',
      `await (async () => {}).constructor('return typeof process + typeof require + typeof fetch')()`,
    ],
    [
      'the constructor of the host’s errors',
      `try { await tools.call('a') } catch (e) { return e.constructor.constructor('return typeof process + typeof require + typeof fetch')() }`,
    ],
  ])('%s leads nowhere', async (_title, expression) => {
    const statements = expression.startsWith('try') ? expression : `return ${expression}`

    expect((await runFunction(body(statements))).output).toBe('undefinedundefinedundefined')
  })

  test('nothing can be imported, not even while it runs', async () => {
    const { output } = await runFunction(body(`return await import('node:fs').then(() => 'got it', (error) => error.name)`))

    expect(output).toBe('ReferenceError')
  })

  test('stacks name no file of the machine', async () => {
    const { output } = await runFunction(body('try { await tools.call(1) } catch (error) { return error.stack }'))

    expect(output).not.toMatch(/node|workers|file:|\/\w/)
  })
})

describe('tricks with prototypes stay in their run', () => {
  test.each([
    [
      '__proto__ in the result is only a key',
      `return JSON.parse('{"__proto__": {"admin": true}}')`,
      '{"__proto__":{"admin":true}}',
    ],
    ['a getter is read once', 'let read = 0; return { get a() { return ++read } }', '{"a":1}'],
    ['toJSON speaks for its object', 'return { toJSON: () => 5 }', '5'],
    [
      'a proxy gives what it says',
      `return new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }), get: (_t, k) => k === 'toJSON' ? undefined : 1 })`,
      '{"a":1}',
    ],
    ['a thenable is waited for', 'return { then(resolve) { resolve(7) } }', '7'],
    ['nothing is null', 'return', 'null'],
    ['NaN is null, as JSON has it', 'return [NaN, Infinity, undefined, () => 1]', '[null,null,null,null]'],
    ['a date is its text', 'return new Date(0)', '"1970-01-01T00:00:00.000Z"'],
    [
      'patched built-ins do not reach the host',
      `JSON.stringify = () => 'evil'; JSON.parse = () => 'evil'; Promise.prototype.then = null; return { a: input }`,
      '{"a":null}',
    ],
    ['a text with halves of letters', `return '\\ud800'`, '"\\ud800"'],
  ])('%s', async (_title, statements, expected) => {
    expect((await runFunction(body(statements))).outcome).toEqual({ ok: true, output: expected })
  })

  test.each([
    ['a big number', 'return 1n'],
    ['a circle', 'const a = {}; a.a = a; return a'],
    ['a function', 'return () => 1'],
    ['a symbol', `return Symbol('x')`],
    ['a toJSON that throws', 'return { toJSON() { throw 1 } }'],
  ])('%s cannot be given', async (_title, statements) => {
    expect((await runFunction(body(statements))).outcome).toMatchObject({ ok: false, reason: 'json' })
  })

  test.each([
    ['null', 'throw null', 'null'],
    ['nothing', 'throw undefined', 'undefined'],
    ['a symbol', `throw Symbol('odd')`, 'Symbol(odd)'],
    ['a function', 'throw () => 1', '() => 1'],
    ['a plain value', 'throw { code: 7 }', '{"code":7}'],
    [
      'an error whose parts throw',
      `throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })`,
      '(something that cannot be shown)',
    ],
    [
      'a revoked proxy',
      'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
      '(something that cannot be shown)',
    ],
    [
      'an error in a microtask',
      `queueMicrotask(() => { throw new Error('apart') }); await new Promise(() => {})`,
      'Error: apart',
    ],
  ])('%s can be thrown', async (_title, statements, message) => {
    expect((await runFunction(body(statements))).outcome).toMatchObject({
      ok: false,
      reason: 'thrown',
      message: expect.stringContaining(message),
    })
    await expectWhole()
  })

  test('a message of megabytes is cut', async () => {
    const { outcome } = await runFunction(body(`throw new Error('x'.repeat(5_000_000))`))

    expect(outcome.ok ? '' : outcome.message).toHaveLength(4_000 + 'Error: '.length + ' (line 1, column 66)'.length)
  })
})
