import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { z } from 'zod'
import { functionLane } from '../../queue/function.lane.ts'
import { startWorker } from '../../queue/pool/start-worker.ts'
import type { LaneHandler, Queue } from '../../src/contract/queue.ts'
import { never, openStand, workersOf } from '../fixture/lane/stand.ts'
import { createTestLog } from '../support.ts'

type Invoke = Extract<z.input<typeof functionLane.payload>, { kind: 'invoke' }>
type Invoked = Extract<z.output<typeof functionLane.result>, { kind: 'invoked' }>

// As long as a busy machine takes to start a thread.
const LIMITS = { memoryBytes: 33_554_432, timeoutMs: 15_000, maxOutputBytes: 65_536, maxLogBytes: 4_096 }

const hashOf = (source: string): string => createHash('sha256').update(source).digest('hex')

const invocation = (source: string, own: Partial<Invoke> = {}): Invoke => ({
  kind: 'invoke',
  program: { hash: hashOf(source), language: 'javascript', backend: 'wasm', image: null, limits: LIMITS },
  functionName: 'test',
  input: {},
  outputSchema: null,
  nowMs: null,
  seed: null,
  caller: { userId: null, tokenId: null },
  keys: [],
  depth: 0,
  requestId: 'r',
  sessionKey: 's',
  functionId: 1,
  version: 1,
  ...own,
})

interface Opened {
  readonly queue: Queue
  /** Names of what was asked, in order. */
  readonly asked: string[]
  run(source: string, own?: Partial<Invoke>): Promise<Invoked>
}

/** A front and a worker with real threads, in this process; the front knows the sources that were run. */
async function open(answer: NonNullable<LaneHandler['ask']> = async () => null, threads = 1): Promise<Opened> {
  const stand = await openStand()
  const sources = new Map<string, string>()
  const asked: string[] = []
  const handler: LaneHandler = {
    async ask(job, name, body, signal) {
      asked.push(name)
      const { program } = functionLane.payload.parse(job.payload)
      return name === 'code'
        ? { source: sources.get(program.hash) ?? 'export default () => "another"' }
        : await answer(job, name, body, signal)
    },
  }
  const queue = await stand.front({ lanes: [functionLane], prepare: (front) => front.handle(functionLane, handler) })
  const worker = startWorker({
    lanes: [functionLane],
    taskFile: (lane) => new URL(`../../workers/${lane}.task.ts`, import.meta.url).href,
    socketPath: stand.socketPath,
    name: 'worker-1',
    policies: { function: { ...functionLane.policy, threads } },
    log: createTestLog([]),
  })
  onTestFinished(() => worker.stop(0))
  await workersOf(queue, 1)
  return {
    queue,
    asked,
    async run(source, own) {
      const payload = invocation(source, own)
      sources.set(payload.program.hash, source)
      const result = await queue.run(functionLane, payload, {
        token: 'token:1',
        signal: never(),
        timeoutMs: payload.program.limits.timeoutMs + 1_000,
      })
      if (result.kind !== 'invoked') throw new TypeError('expected a run')
      return result
    },
  }
}

test('a function runs in a worker’s thread, and its source is asked for once', async () => {
  const { run, asked } = await open()
  const source = 'export default ({ items }) => ({ total: items.reduce((sum, { price }) => sum + price, 0) })'

  const first = await run(source, { input: { items: [{ price: 2 }, { price: 3 }] } })
  const second = await run(source, { input: { items: [] } })

  expect(first.outcome).toEqual({ ok: true, output: { total: 5 } })
  expect(second.outcome).toEqual({ ok: true, output: { total: 0 } })
  expect(asked).toEqual(['code'])
})

test('a source that is another than was asked for is not run', async () => {
  const { queue } = await open()

  const run = queue.run(functionLane, invocation('export default () => 1'), { token: 'token:1', signal: never() })

  await expect(run).rejects.toMatchObject({ code: 'internal' })
  expect((await queue.jobs('function', { limit: 1 }))[0]?.reason).toContain('another source')
})

test('calls of tools go to the front and come back, faults with their code', async () => {
  const { Fault } = await import('../../src/contract/fault.ts')
  const { run } = await open(async (_job, name, body) => {
    if ((body as { name: string }).name === 'no__way') throw new Fault('forbidden', 'You may not.')
    return { name, body }
  })

  const { outcome } = await run(`export default async (input, { tools }) => [
    await tools.call('a__b', { c: 1 }),
    await tools.call('no__way').catch(({ code, message }) => ({ code, message })),
  ]`)

  expect(outcome).toEqual({
    ok: true,
    output: [
      { name: 'tool', body: { name: 'a__b', arguments: { c: 1 } } },
      { code: 'forbidden', message: 'You may not.' },
    ],
  })
})

test('the log has times and levels, and is cut at its limit', async () => {
  const { run } = await open()

  const { logs, logsCut } = await run(
    `export default (input, { log }) => { log.warn('first'); for (let i = 0; i < 1_000; i++) log('x'.repeat(50)) }`,
  )

  expect(logs[0]).toEqual({ atMs: expect.any(Number), level: 'warn', text: 'first' })
  expect(logs.length).toBe(1 + Math.floor((4_096 - 37) / 82))
  expect(logsCut).toBe(true)
})

test('what a function gives is judged by its schema, with paths', async () => {
  const { run } = await open()
  const outputSchema = {
    type: 'object',
    properties: { items: { type: 'array', items: { type: 'integer' } } },
    required: ['items'],
  }

  const good = await run('export default () => ({ items: [1, 2] })', { outputSchema })
  const bad = await run('export default () => ({ items: [1, "two"] })', { outputSchema })

  expect(good.outcome).toEqual({ ok: true, output: { items: [1, 2] } })
  expect(bad.outcome).toMatchObject({ ok: false, reason: 'schema', message: expect.stringContaining('/items/1') })
})

test('what is nested too deep to travel is refused', async () => {
  const { run } = await open()

  const { outcome } = await run(
    'export default () => { let value = 1; for (let i = 0; i < 600; i++) value = [value]; return value }',
  )

  expect(outcome).toMatchObject({ ok: false, reason: 'output' })
})

test('a function that never ends is a result in time, and its thread goes on', async () => {
  const { run } = await open()
  const spin = 'export default ({ on }) => { if (on) for (;;); return "well" }'
  await run(spin)

  const startedAt = performance.now()
  const { outcome } = await run(spin, {
    input: { on: true },
    program: { ...invocation(spin).program, limits: { ...LIMITS, timeoutMs: 300 } },
  })
  const tookMs = performance.now() - startedAt

  expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
  expect(tookMs).toBeLessThan(800)
  expect((await run(spin)).outcome).toEqual({ ok: true, output: 'well' })
})

test('a check names what is wrong, and runs nothing', async () => {
  const { queue } = await open()
  const check = async (source: string) =>
    await queue.run(
      functionLane,
      { kind: 'check', program: { ...invocation(source).program, source } },
      { token: 'token:1', signal: never() },
    )

  expect(await check('for (;;);\nexport default () => 1')).toEqual({ kind: 'checked', problems: [] })
  expect(await check('export default () => {\n  const = 1 }')).toEqual({
    kind: 'checked',
    problems: [{ line: 2, column: 9, message: expect.any(String) }],
  })
})

test.each([
  ['a backend that there is not', { backend: 'elsewhere' }, 'disabled'],
  ['a backend that is off', { backend: 'docker', language: 'python' }, 'disabled'],
  ['a language that the backend does not run', { language: 'python' }, 'invalid'],
] as const)('%s refuses the job', async (_title, program, code) => {
  const { run } = await open()

  await expect(run('x', { program: { ...invocation('x').program, ...program } })).rejects.toMatchObject({ code })
})

test('two hundred runs of four functions on two threads give each its own', async () => {
  const { run } = await open(async (_job, _name, body) => body, 2)
  const sources = [1, 2, 3, 4].map(
    (factor) => `let calls = 0; export default async (input, { tools }) => {
      await tools.call('t', input); return [++calls, input * ${factor}, globalThis.kept ?? (globalThis.kept = null)] }`,
  )

  const runs = Array.from({ length: 200 }, (_, index) => run(sources[index % 4]!, { input: index }))

  expect((await Promise.all(runs)).map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 200 }, (_, index) => ({ ok: true, output: [1, index * ((index % 4) + 1), null] })),
  )
})
