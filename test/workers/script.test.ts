import { describe, expect, test } from 'vitest'
import { TaskAskError } from '../../queue/lane.ts'
import { checkFunction, runFunction } from './run-function.ts'

describe('places are the author’s own', () => {
  test.each([
    ['JavaScript', 'javascript', 'export default (input) => {\n  const a = null\n  return a.b\n}', 'line 3, column 10'],
    [
      'a function below',
      'javascript',
      'const f = () => {\n  throw new Error("x")\n}\nexport default () => f()',
      'line 2, column 13',
    ],
    [
      'TypeScript',
      'typescript',
      'export default (input: { a: string }): string => {\n  const a = null as any as { b: string }; return a.b\n}',
      'line 2, column 50',
    ],
    [
      'types over several lines',
      'typescript',
      'interface A {\n  a: string\n  b: number\n}\nexport default (input: A): never => {\n  throw new Error("x")\n}',
      'line 6, column 13',
    ],
    [
      'an enum before it',
      'typescript',
      'enum Color { Red, Green }\nexport default (): never => { const c: Color = Color.Red; throw new Error("x") }',
      'line 2, column 69',
    ],
    ['text that is not Latin', 'javascript', 'export default () => { const ü = "漢字"; throw new Error(ü) }', 'line 1'],
    [
      'an await',
      'javascript',
      'export default async () => {\n  await null\n  await Promise.reject(new Error("late"))\n}',
      'line 3',
    ],
  ] as const)('of what is thrown: %s', async (_title, language, source, place) => {
    const { outcome } = await runFunction(source, { language })

    expect(outcome).toMatchObject({ ok: false, reason: 'thrown', message: expect.stringContaining(place) })
  })

  test.each([
    ['JavaScript', 'javascript', 'export default () => {\n  const = 3\n}', { line: 2, column: 9 }],
    [
      'TypeScript',
      'typescript',
      'export default (a: number): string => {\n  const b: string = String(a)\n  return b )\n}',
      { line: 3, column: 12 },
    ],
    [
      'TypeScript that is wrong in its types only by form',
      'typescript',
      'type A = ;\nexport default () => 1',
      { line: 1, column: 10 },
    ],
    [
      'what TypeScript passes on',
      'typescript',
      'type A = 1\nexport default () => { const a: number = 08n; return a }',
      { line: 2 },
    ],
    [
      'decorators',
      'typescript',
      'class A {\n  @dec method() {}\n}\nexport default () => new A()',
      { line: 2, column: 3, message: 'Decorators are not supported.' },
    ],
    [
      'namespaces',
      'typescript',
      'const a = 1\nnamespace N { export const b = 1 }\nexport default () => N.b',
      { line: 2, column: 1 },
    ],
  ] as const)('of what cannot be compiled: %s', async (_title, language, source, problem) => {
    expect(await checkFunction(source, language)).toEqual([expect.objectContaining(problem)])
    expect((await runFunction(source, { language })).outcome).toMatchObject({ ok: false })
  })
})

describe('a check', () => {
  test.each([
    ['nothing', ''],
    ['another export', 'export const main = () => 1'],
    ['a script', '(input) => input'],
  ])('misses the default export in %s', async (_title, source) => {
    expect(await checkFunction(source)).toEqual([
      expect.objectContaining({ line: null, message: expect.stringContaining('default export') }),
    ])
  })

  test('names every import, with its line', async () => {
    const problems = await checkFunction(`import fs from 'node:fs'\nimport { a } from './a.js'\nexport default () => fs.a(a)`)

    expect(problems).toEqual([
      expect.objectContaining({ line: 1, message: expect.stringContaining('"node:fs"') }),
      expect.objectContaining({ line: 2, message: expect.stringContaining('"./a.js"') }),
    ])
  })

  test('runs nothing', async () => {
    expect(await checkFunction('for (;;);\nexport default () => 1')).toEqual([])
  })

  test('a default export that is no function is said when it runs', async () => {
    expect((await runFunction('export default 5')).outcome).toMatchObject({ ok: false, reason: 'compile' })
  })

  test('looks through much such text in a moment', async () => {
    const source = `export default (): string => \`\n${'namespace N {\n'.repeat(60_000)}\``
    const before = performance.now()

    expect(await checkFunction(source, 'typescript')).toEqual([])
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  test('takes text that looks like a namespace for text', async () => {
    const source = 'export default (): string => `\nnamespace N { }\n`'

    expect((await runFunction(source, { language: 'typescript' })).output).toBe('\nnamespace N { }\n')
  })
})

describe('TypeScript', () => {
  test.each([
    ['enums', 'enum Level { Low = 1, High }\nexport default () => [Level.High, Level[1]]', [2, 'Low']],
    ['generics', 'const first = <T,>(all: readonly T[]): T | undefined => all[0]\nexport default () => first<number>([7])', 7],
    [
      'properties of parameters',
      'class P { constructor(readonly x: number, private y = 2) {} sum(): number { return this.x + this.y } }\nexport default () => new P(1).sum()',
      3,
    ],
    [
      'abstract classes and overloads',
      'abstract class A { abstract a(): number; b(): number { return this.a() } }\nclass B extends A { override a(): number { return 4 } }\nexport default () => new B().b()',
      4,
    ],
    ['satisfies, as and !', 'export default () => ({ a: 1 } satisfies { a: number } as { a?: number }).a!', 1],
    ['types that are imported', 'import type { Elsewhere } from "elsewhere"\nexport default (input: Elsewhere) => 1', 1],
    [
      'optional chaining and private fields',
      'class A { #a?: { b: number } = { b: 5 }; get a() { return this.#a?.b ?? 0 } }\nexport default () => new A().a',
      5,
    ],
  ])('has %s', async (_title, source, expected) => {
    expect((await runFunction(source, { language: 'typescript' })).output).toEqual(expected)
  })
})

describe('calls of tools', () => {
  const slow = (name: string, args: string): Promise<string> =>
    new Promise((resolve) => setImmediate(() => resolve(JSON.stringify({ name, args: JSON.parse(args) }))))

  test('run side by side, and each gets its own answer', async () => {
    let open = 0
    let most = 0
    const callTool = async (name: string, args: string): Promise<string> => {
      most = Math.max(most, ++open)
      const answer = await slow(name, args)
      open -= 1
      return answer
    }

    const { output } = await runFunction(
      `export default async (input, { tools }) => (await Promise.all([3, 1, 2].map((n) => tools.call('t', { n })))).map((a) => a.args.n)`,
      { callTool },
    )

    expect(output).toEqual([3, 1, 2])
    expect(most).toBe(3)
  })

  test('that fail are errors with a code; what nobody foresaw says nothing of the machine', async () => {
    const source = `export default async (input, { tools }) => {
      try { await tools.call('t') } catch (e) { return [e instanceof Error, e.name, e.code, e.message] }
    }`

    const refused = await runFunction(source, { callTool: () => Promise.reject(new TaskAskError('forbidden', 'Not you.')) })
    const broken = await runFunction(source, { callTool: () => Promise.reject(new Error('ENOENT /etc/secret')) })

    expect(refused.output).toEqual([true, 'ToolError', 'forbidden', 'Not you.'])
    expect(broken.output).toEqual([true, 'ToolError', 'internal', 'The call failed inside the gateway.'])
  })

  test('that fails and is not caught names the line where it was called', async () => {
    const { outcome } = await runFunction(
      `export default async (_, { tools }) => {\n  await null\n  const answer = tools.call('t')\n  await answer\n}`,
    )

    expect(outcome).toMatchObject({
      message: expect.stringMatching(/^ToolError: There is no such tool\. \(line 3, column \d+\)$/),
    })
  })

  test('with arguments that cannot be sent names the line too', async () => {
    const { outcome } = await runFunction(`export default async (_, { tools }) => {\n  await tools.call(7)\n}`)

    expect(outcome).toMatchObject({ message: expect.stringMatching(/^TypeError: tools\.call takes.*\(line 2, column \d+\)$/) })
  })

  test('beyond thirty-two at once are refused, and none beyond is made', async () => {
    let calls = 0
    const callTool = (name: string, args: string): Promise<string> => {
      calls += 1
      return slow(name, args)
    }

    const { output } = await runFunction(
      `export default async (input, { tools }) => {
        const all = await Promise.allSettled(Array.from({ length: 40 }, () => tools.call('t')))
        return all.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.code)
      }`,
      { callTool },
    )

    expect(calls).toBe(32)
    expect(output).toEqual(Array.from({ length: 8 }, () => 'busy'))
  })

  test.each([
    ['without a name', 'tools.call()', 'TypeError'],
    ['with arguments that are no JSON', 'tools.call("t", { a: 1n })', 'TypeError'],
    ['with a megabyte of arguments', 'tools.call("t", { a: "x".repeat(1_100_000) })', 'ToolError'],
  ])('%s are refused in the function', async (_title, expression, name) => {
    const { output } = await runFunction(`export default (input, { tools }) => ${expression}.catch((error) => error.name)`)

    expect(output).toBe(name)
  })

  test('that are never answered end with the function', async () => {
    const { outcome, tookMs } = await runFunction(`export default (input, { tools }) => tools.call('t')`, {
      callTool: () => new Promise(() => {}),
      limits: { timeoutMs: 200 },
    })

    expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
    expect(tookMs).toBeLessThan(1_000)
  })

  test('nobody waits for do not hold the function up', async () => {
    const { output } = await runFunction(`export default (input, { tools }) => { tools.call('t'); return 1 }`, {
      callTool: () => new Promise(() => {}),
    })

    expect(output).toBe(1)
  })
})

describe('the log', () => {
  test('takes values of all kinds, at all levels', async () => {
    const { lines } = await runFunction(`export default (input, { log }) => {
      log('a', 1, null, undefined, { b: [1] }, new Error('e'), Symbol('s'))
      log.warn('w')
      console.debug('d')
      console.log({ get a() { throw 1 } })
    }`)

    expect(lines).toEqual([
      'info a 1 null undefined {"b":[1]} Error: e Symbol(s)',
      'warn w',
      'debug d',
      'info (something that cannot be shown)',
    ])
  })
})

describe('clock and dice', () => {
  const source = `const first = Math.random()\nexport default () => [first, Math.random(), Date.now(), new Date().toISOString(), new Date().getTimezoneOffset()]`

  test('stand still and repeat where they are given, while the module loads too', async () => {
    const run = { nowMs: 1_700_000_000_000, seed: 3 }

    const { output } = await runFunction(source, run)

    expect((await runFunction(source, run)).output).toEqual(output)
    expect(output).toEqual([expect.any(Number), expect.any(Number), 1_700_000_000_000, '2023-11-14T22:13:20.000Z', 0])
    expect((output as number[])[0]).not.toBe((output as number[])[1])
  })

  test('are the real ones where none are given, while the module loads too', async () => {
    const clock = 'const first = Date.now()\nexport default () => [first, Math.random()]'
    const [one] = (await runFunction(clock)).output as [number, number]
    const before = Date.now()
    const [other, dice] = (await runFunction(clock)).output as [number, number]

    expect(other).toBeGreaterThanOrEqual(before)
    expect(other).toBeGreaterThanOrEqual(one)
    expect(dice).not.toBe(((await runFunction(clock)).output as number[])[1])
  })

  test('there is no other clock', async () => {
    expect((await runFunction('export default () => typeof performance')).output).toBe('undefined')
  })
})

describe('every run is the first', () => {
  test.each([
    ['globals', 'globalThis.kept'],
    ['variables of the module', 'kept'],
    ['built-in prototypes', 'Array.prototype.kept'],
    ['registered symbols’ objects', 'Math[Symbol.for("kept")]'],
    ['functions of the module', 'main.kept'],
    ['the console', 'console.kept'],
    ['the regular expression’s last match', 'RegExp.kept'],
  ])('nothing stays in %s', async (_title, place) => {
    const source = `let kept\nexport default function main(input) { const before = ${place} ?? null; ${place} = input; return before }`

    for (const input of ['one', 'two', 'three']) expect((await runFunction(source, { input })).output).toBe(null)
  })

  test('nothing stays for another function either, whether the first succeeded, threw or was stopped', async () => {
    const spy = 'export default () => [globalThis.kept ?? null, Array.prototype.kept ?? null, [].map === globalThis.map]'
    const leave = 'globalThis.kept = Array.prototype.kept = "secret"; globalThis.map = [].map;'

    await runFunction(`export default () => { ${leave} }`)
    expect((await runFunction(spy)).output).toEqual([null, null, false])
    await runFunction(`export default () => { ${leave} throw new Error('x') }`)
    expect((await runFunction(spy)).output).toEqual([null, null, false])
    await runFunction(`export default () => { ${leave} for (;;); }`, { limits: { timeoutMs: 50 } })
    expect((await runFunction(spy)).output).toEqual([null, null, false])
  })

  test('runs that wait at the same time do not see each other', async () => {
    const source = `let mine\nexport default async (input, { tools }) => { mine = input; globalThis.kept = input; await tools.call('t'); return [mine, globalThis.kept] }`
    const callTool = (): Promise<string> => new Promise((resolve) => setImmediate(() => resolve('null')))

    const all = await Promise.all([1, 2, 3, 4].map((input) => runFunction(source, { input, callTool })))

    expect(all.map(({ output }) => output)).toEqual([1, 2, 3, 4].map((input) => [input, input]))
  })

  test('what a module does while it loads happens in every run', async () => {
    const source = 'console.log("loading")\nlet count = 0\nexport default () => ++count'

    for (let round = 0; round < 3; round += 1) {
      const { output, lines } = await runFunction(source)
      expect(output).toBe(1)
      expect(lines).toEqual(['info loading'])
    }
  })
})
