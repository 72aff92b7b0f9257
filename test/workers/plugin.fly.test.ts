import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { Backend, Host, Outcome } from '../../workers/function/backend.ts'
import { openPluginBackend } from '../../workers/function/plugin-backend.ts'
import { type FlyMachines, startFlyMachines } from '../fixture/fly/fly-machines.ts'
import { type BackendStand, describeBackend } from './backend.conformance.ts'
import { nodePrograms, pythonPrograms } from './docker.programs.ts'

const IMAGE = `registry.fly.io/functions@sha256:${'a'.repeat(64)}`
const TOKEN = 'a-deploy-token'
const MODULE = join(import.meta.dirname, '../../ops/plugin/fly-machines/fly-machines.mjs')

const open = (settings: Record<string, unknown>): Promise<Backend> =>
  openPluginBackend({ name: 'fly', module: MODULE, baseDir: '/', settings })

async function openFly(): Promise<{ readonly fly: FlyMachines; readonly backend: Backend }> {
  vi.stubEnv('FLY_TOKEN', TOKEN)
  const fly = await startFlyMachines(TOKEN)
  return { fly, backend: await open({ app: 'functions', tokenEnv: 'FLY_TOKEN', region: 'fra', apiUrl: fly.url }) }
}

async function openForTest(): ReturnType<typeof openFly> {
  const opened = await openFly()
  onTestFinished(() => opened.fly.stop())
  return opened
}

const skip = { skip: 'the plugin does not carry it' }

function stand(language: BackendStand['language'], programs: BackendStand['programs']): BackendStand {
  let fly: FlyMachines | undefined
  return {
    language,
    image: IMAGE,
    timeoutMs: 1_500,
    slackMs: 1_500,
    async open() {
      const opened = await openFly()
      fly = opened.fly
      return opened.backend
    },
    close: async () => {
      expect(fly?.machines.size).toBe(0)
      await fly?.stop()
    },
    programs: {
      ...programs,
      chats: { skip: 'the log is collected at the end, up to what Fly keeps' },
      grows: { skip: 'the memory is that of a real machine' },
      calls: skip,
      dates: skip,
      broken: { skip: 'the plugin has no check' },
    },
  }
}

describeBackend(
  'the plugin fly-machines with Python',
  stand('python', {
    ...pythonPrograms,
    ...Object.fromEntries(
      Object.entries(pythonPrograms).map(([name, source]) => [name, source.replace('main(input, context)', 'main(input)')]),
    ),
    logs: "def main(input):\n    print('hello')\n    print('careful')",
  }),
)

describeBackend(
  'the plugin fly-machines with Node',
  stand('node', { ...nodePrograms, logs: "export default () => {\n  console.log('hello')\n  console.warn('careful')\n}" }),
)

function run(backend: Backend, source: string, own: Partial<Host> & { readonly image?: string } = {}): Promise<Outcome> {
  const limits = { memoryBytes: 300_000_000, timeoutMs: 5_000, maxOutputBytes: 1_000, maxLogBytes: 1_000 }
  const program: FunctionProgram = { hash: 'h', language: 'node', backend: 'fly', image: own.image ?? IMAGE, limits }
  return backend.run(
    { program, source: async () => source, input: 'null', nowMs: null, seed: null },
    {
      signal: own.signal ?? AbortSignal.timeout(5_000),
      deadline: Date.now() + 5_000,
      log: own.log ?? (() => {}),
      callTool: async () => 'null',
    },
  )
}

test('a machine is made as small as it may be, ends by itself in any case, and is destroyed', async () => {
  const { fly, backend } = await openForTest()

  expect(await run(backend, nodePrograms.echoes)).toEqual({ ok: true, output: 'null' })

  expect(fly.created).toEqual([
    {
      id: 'm1',
      region: 'fra',
      config: {
        image: IMAGE,
        init: { exec: ['sleep', '65'] },
        guest: { cpu_kind: 'shared', cpus: 1, memory_mb: 512 },
        auto_destroy: true,
        restart: { policy: 'no' },
        metadata: { gatehouse_program: 'h' },
      },
    },
  ])
  expect(fly.machines.size).toBe(0)
})

test('a run that is called off destroys its machine', async () => {
  const { fly, backend } = await openForTest()
  const off = new AbortController()

  const outcome = run(backend, nodePrograms.loops, { signal: off.signal })
  await vi.waitFor(() => expect(fly.machines.size).toBe(1))
  off.abort()

  expect(await outcome).toMatchObject({ ok: false })
  await vi.waitFor(() => expect(fly.machines.size).toBe(0))
})

test('an image that is not pinned makes no machine', async () => {
  const { fly, backend } = await openForTest()

  expect(await run(backend, nodePrograms.echoes, { image: 'python:3' })).toMatchObject({ ok: false, reason: 'crash' })
  expect(fly.created).toEqual([])
})

test('what Fly refuses is said, without the token', async () => {
  const { backend } = await openForTest()
  const image = `nowhere/nothing@sha256:${'b'.repeat(64)}`

  const refused = run(backend, nodePrograms.echoes, { image })

  await expect(refused).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('image not found') })
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(TOKEN) })
})

test('a token that the gateway looked up is taken before that of the environment', async () => {
  vi.stubEnv('FLY_API_TOKEN', 'another')
  const fly = await startFlyMachines(TOKEN)
  onTestFinished(() => fly.stop())
  const backend = await open({ app: 'functions', token: TOKEN, apiUrl: fly.url })

  expect(await run(backend, nodePrograms.echoes)).toMatchObject({ ok: true })
})

test.each([
  [{}, /app is missing/],
  [{ app: 'functions', tokenEnv: 'NO_SUCH_TOKEN' }, /NO_SUCH_TOKEN is missing/],
  [{ app: 'functions', colour: 'red' }, /no setting colour/],
])('settings that cannot work are refused: %j', async (settings, why) => {
  await expect(open(settings)).rejects.toMatchObject({ message: expect.stringMatching(why) })
})
