import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { Backend, Host, Outcome } from '../../workers/function/backend.ts'
import { openPluginBackend } from '../../workers/function/plugin-backend.ts'
import { type BackendStand, describeBackend } from './backend.conformance.ts'

const FOLDER = join(import.meta.dirname, '../fixture/plugin')

const open = (module: string, settings: object = {}): Promise<Backend> =>
  openPluginBackend({ name: 'sample', module: `${module}.mjs`, baseDir: FOLDER, settings: settings as Record<string, unknown> })

const PROGRAM: FunctionProgram = {
  hash: 'x',
  language: 'javascript',
  backend: 'sample',
  image: null,
  limits: { memoryBytes: 33_554_432, timeoutMs: 300, maxOutputBytes: 1_000, maxLogBytes: 1_000 },
}

function run(backend: Backend, source: string, own: Partial<Host> = {}): Promise<Outcome> {
  return backend.run(
    { program: PROGRAM, source: async () => source, input: 'null', nowMs: null, seed: null },
    { signal: AbortSignal.timeout(300), deadline: Date.now() + 300, log() {}, callTool: async () => 'null', ...own },
  )
}

const skip = (why: string): { skip: string } => ({ skip: why })

const stand: BackendStand = {
  language: 'javascript',
  timeoutMs: 1_000,
  slackMs: 1_500,
  open: () => open('process'),
  programs: {
    echoes: 'export default (input) => input',
    throws: "export default () => { throw new Error('no such customer') }",
    logs: "export default (input, { log }) => { log('info', 'hello'); log('warn', 'careful') }",
    chats:
      "export default (input, { log }) => { for (let at = 0; at < 2000; at += 1) log('info', 'x'.repeat(600)); return null }",
    swells: "export default ({ length }) => 'x'.repeat(length)",
    babbles: 'export default () => undefined',
    loops: 'export default () => { for (;;); }',
    grows: skip('this plugin sets no limit of memory'),
    remembers: 'export default (input) => { const left = globalThis.left ?? null; globalThis.left = input; return left }',
    calls: skip('this plugin carries no calls'),
    dates: skip('this plugin has the clock of the machine'),
    broken: skip('this plugin has no check'),
  },
}

describeBackend('the backend of a plugin', stand)

test.each([
  ['nowhere', /cannot be loaded/],
  ['no-plugin', /apiVersion: .*; name: .*; languages: .*; open: a function was expected/],
  ['later-major', /speaks version 2\.0 of the plugin interface, this gateway 1\.0/],
  ['later-minor', /speaks version 1\.7 of the plugin interface/],
  ['throws-at-open', /region is missing/],
  ['opens-nothing', /run: a function was expected/],
])('the plugin %s is refused with a sentence that says why', async (module, why) => {
  await expect(open(module)).rejects.toMatchObject({
    name: 'BackendRefusal',
    code: 'unavailable',
    message: expect.stringMatching(why),
  })
})

test('a plugin is given its settings', async () => {
  expect(await run(await open('tells', { region: 'fra', size: 2 }), 'settings')).toEqual({
    ok: true,
    output: '{"region":"fra","size":2}',
  })
})

test('what a plugin throws is said with its name, and is worth another try', async () => {
  await expect(run(await open('tells'), 'throw')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The plugin sample failed: out of machines',
  })
})

test.each(['nothing', 'number', 'forged'])('an outcome that is none (%s) is a crash of the run', async (kind) => {
  expect(await run(await open('tells'), kind)).toMatchObject({ ok: false, reason: 'crash' })
})

test('an outcome is held to the limit and to JSON', async () => {
  const backend = await open('tells')

  expect(await run(backend, 'huge')).toMatchObject({ ok: false, reason: 'output' })
  expect(await run(backend, 'babble')).toMatchObject({ ok: false, reason: 'json' })
})

test('a plugin that overlooks its signal is not waited for', async () => {
  const startedAt = performance.now()

  expect(await run(await open('tells'), 'hang')).toMatchObject({ ok: false, reason: 'timeout' })
  expect(performance.now() - startedAt).toBeLessThan(1_500)
})

test('a plugin that heeds its signal may clean up first', async () => {
  const seen: string[] = []
  const off = new AbortController()
  const began = Promise.withResolvers<void>()
  const backend = await open('tells')
  const log = (_level: string, text: string): void => {
    seen.push(text)
    began.resolve()
  }

  const outcome = run(backend, 'tidy', { signal: off.signal, log })
  await began.promise
  off.abort()

  expect(await outcome).toMatchObject({ ok: false })
  expect(seen).toEqual(['began', 'tidied up'])
})
