import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import { type DockerSettings, functionBackendSettings } from '../../queue/function.settings.ts'
import type { Backend, Host, Invocation, Outcome } from '../../workers/function/backend.ts'
import { openDockerBackend } from '../../workers/function/docker-backend.ts'
import { digestOf, type Engine, startEngine } from '../fixture/engine/engine.ts'
import { nodePrograms, pythonPrograms } from './docker.programs.ts'

const IMAGE = `registry.example/python@${digestOf('a')}`
const LIMITS = { memoryBytes: 33_554_432, timeoutMs: 10_000, maxOutputBytes: 65_536, maxLogBytes: 65_536 }

interface Stand {
  readonly engine: Engine
  readonly backend: Backend
  run(source: string, own?: Partial<Invocation & Host & FunctionProgram> & { readonly value?: unknown }): Promise<Outcome>
}

async function openStand(
  own: Partial<DockerSettings> = {},
  images: Parameters<typeof startEngine>[0] = { [IMAGE]: {} },
): Promise<Stand> {
  const engine = await startEngine(images)
  onTestFinished(() => engine.stop())
  const docker = settingsOf(engine, own)
  const backend = await openDockerBackend(docker, 'house')
  return { engine, backend, run: async (source, options) => await runWith(backend, source, options) }
}

const settingsOf = ({ socketPath }: Engine, own: Partial<DockerSettings> = {}): DockerSettings =>
  functionBackendSettings.parse({ docker: { enabled: true, socketPath, images: ['registry.example/python'], ...own } }).docker

async function runWith(backend: Backend, source: string, own: Parameters<Stand['run']>[1] = {}): Promise<Outcome> {
  const program: FunctionProgram = {
    hash: createHash('sha256').update(source).digest('hex'),
    language: own.language ?? 'python',
    backend: 'docker',
    image: own.image === undefined ? IMAGE : own.image,
    limits: { ...LIMITS, ...own.limits },
  }
  return await backend.run(
    { program, source: async () => source, input: JSON.stringify(own.value ?? null), nowMs: null, seed: null },
    {
      signal: own.signal ?? AbortSignal.timeout(program.limits.timeoutMs),
      deadline: Date.now() + program.limits.timeoutMs,
      log: own.log ?? (() => {}),
      callTool: own.callTool ?? (async () => 'null'),
    },
  )
}

test('a container has no network, no way to write but /tmp, no rights and no more than its share', async () => {
  const { engine, run } = await openStand({ cpus: 0.5, pids: 32, tmpBytes: 1_048_576 })

  await run(pythonPrograms.echoes)

  const { User, Tty, HostConfig, Labels } = engine.created[0]!.body
  expect({ User, Tty, HostConfig }).toEqual({
    User: '65534:65534',
    Tty: false,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      IpcMode: 'none',
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,mode=1777,size=1048576' },
      Memory: 67_108_864,
      MemorySwap: 67_108_864,
      NanoCpus: 500_000_000,
      PidsLimit: 32,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Ulimits: [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 1_024, Hard: 1_024 },
        { Name: 'cpu', Soft: 11, Hard: 11 },
      ],
      LogConfig: { Type: 'none', Config: {} },
    },
  })
  expect(Labels).toMatchObject({ 'gatehouse.installation': 'house', 'gatehouse.program': expect.any(String) })
})

test('no function gets more memory than the operator allows', async () => {
  const { engine, run } = await openStand({ maxMemoryBytes: 50_000_000 })

  await run(pythonPrograms.echoes, { limits: { ...LIMITS, memoryBytes: 1_000_000_000 } })

  expect(engine.created[0]!.body.HostConfig).toMatchObject({ Memory: 50_000_000, MemorySwap: 50_000_000 })
})

test.each([
  ['registry.example/python:3.12', 'invalid'],
  ['registry.example/python', 'invalid'],
  [`registry.example/python@sha256:${'a'.repeat(63)}`, 'invalid'],
  [`--privileged@${digestOf('a')}`, 'invalid'],
  [null, 'invalid'],
  [`registry.example/ruby@${digestOf('a')}`, 'disabled'],
])('the image %s is refused as %s, and nothing is created', async (image, code) => {
  const { engine, run } = await openStand()

  await expect(run(pythonPrograms.echoes, { image })).rejects.toMatchObject({ name: 'BackendRefusal', code })
  expect(engine.created).toEqual([])
})

test('an image that the engine does not have is not pulled unless the configuration says so', async () => {
  const { engine, run } = await openStand({}, {})
  engine.registry.set(IMAGE, {})

  await expect(run(pythonPrograms.echoes)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`docker pull ${IMAGE}`),
  })
  expect(engine.requests).not.toContain('POST /images/create')
})

test('with pull = true it is pulled, once for all runs that wait for it', async () => {
  const { engine, run } = await openStand({ pull: true }, {})
  engine.registry.set(IMAGE, {})

  const outcomes = await Promise.all([run(pythonPrograms.echoes, { value: 1 }), run(pythonPrograms.echoes, { value: 2 })])

  expect(outcomes).toEqual([
    { ok: true, output: '1' },
    { ok: true, output: '2' },
  ])
  expect(engine.requests.filter((name) => name === 'POST /images/create')).toHaveLength(1)
})

test('an image that no registry has is said to be so', async () => {
  const { run } = await openStand({ pull: true }, {})

  await expect(run(pythonPrograms.echoes)).rejects.toMatchObject({ message: expect.stringContaining('manifest unknown') })
})

test('an image may be the function itself: JSON in, JSON out, the log on standard error, arguments from the source', async () => {
  const image = `registry.example/python@${digestOf('c')}`
  const program =
    "import json, sys; print('seen', file=sys.stderr); print(json.dumps({'got': json.load(sys.stdin), 'args': sys.argv[1:]}))"
  const { run } = await openStand({}, { [image]: { entrypoint: ['python3', '-c', program], cmd: ['default'] } })
  const lines: string[] = []

  const given = await run('one\ntwo words\n', {
    language: 'image',
    image,
    value: { a: 1 },
    log: (_level, text) => void lines.push(text),
  })
  const without = await run('', { language: 'image', image })

  expect(given).toMatchObject({ ok: true, output: '{"got": {"a": 1}, "args": ["one", "two words"]}' })
  expect(without).toMatchObject({ ok: true, output: '{"got": null, "args": ["default"]}' })
  expect(lines).toEqual(['seen'])
})

test('an image that fails says how, with its last words', async () => {
  const image = `registry.example/python@${digestOf('c')}`
  const { run } = await openStand({}, { [image]: { entrypoint: ['python3', '-c', "import sys; sys.exit('no such customer')"] } })

  expect(await run('', { language: 'image', image })).toEqual({
    ok: false,
    reason: 'crash',
    message: 'The program ended with exit code 1 before it gave a result; its last words: no such customer',
  })
})

test('an image without Python says so', async () => {
  const { engine, run } = await openStand()
  engine.images.set(IMAGE, { path: '/nowhere' })

  expect(await run(pythonPrograms.echoes)).toMatchObject({
    ok: false,
    reason: 'crash',
    message: expect.stringContaining('could not be started'),
  })
  await vi.waitFor(() => expect(engine.containers.size).toBe(0))
})

test('an output bomb is cut off and its container removed', async () => {
  const image = `registry.example/python@${digestOf('c')}`
  const bomb = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
  const { engine, run } = await openStand({}, { [image]: { entrypoint: ['python3', '-c', bomb] } })

  const outcome = await run('', { language: 'image', image })

  expect(outcome).toMatchObject({ ok: false, reason: 'output' })
  expect(engine.containers.size).toBe(0)
})

test('a line without end that is no result is cut off too', async () => {
  const { engine, run } = await openStand()

  const outcome = await run("import os\ndef main(input, context):\n    while True:\n        os.write(1, b'x' * 65536)")

  expect(outcome).toMatchObject({ ok: false, reason: 'output' })
  expect(engine.containers.size).toBe(0)
})

test('what a function writes past its runner cannot pose as anything that it may not say anyway', async () => {
  const { run } = await openStand()
  const forged = ['Lnonsense', 'C{"id":"x"}', 'C[]', 'Q', 'X{"reason":"forged"}'].map((line) => JSON.stringify(`${line}\n`))

  const outcome = await run(
    `import os\ndef main(input, context):\n    for line in [${forged}]:\n        os.write(1, line.encode())\n    return 1`,
  )

  expect(outcome).toEqual({ ok: false, reason: 'crash', message: 'The program failed without saying why.' })
})

test('a run that takes too long is ended with its container', async () => {
  const { engine, run } = await openStand()

  const outcome = await run(pythonPrograms.loops, { limits: { ...LIMITS, timeoutMs: 400 } })

  expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
  expect(engine.containers.size).toBe(0)
  expect(engine.created[0]!.exit).toMatchObject({ code: 137, oomKilled: false })
})

test('a run that is called off is ended with its container', async () => {
  const { engine, run } = await openStand()
  const off = new AbortController()

  const running = engine.running()
  const outcome = run(nodePrograms.loops, { language: 'node', signal: off.signal })
  await running
  off.abort()

  expect(await outcome).toMatchObject({ ok: false })
  expect(engine.containers.size).toBe(0)
})

test('a run that is called off before it began creates nothing', async () => {
  const { engine, run } = await openStand()

  expect(await run(pythonPrograms.echoes, { signal: AbortSignal.abort() })).toMatchObject({ ok: false })
  expect(engine.created).toEqual([])
})

test('an engine that goes away in the middle is told apart from a function that fails', async () => {
  const { engine, run } = await openStand()

  const running = engine.running()
  const outcome = run(pythonPrograms.loops)
  const refused = expect(outcome).rejects.toMatchObject({ name: 'BackendRefusal', code: 'unavailable' })
  await running
  await engine.die()

  await refused
})

test('an engine that is not there is named with its socket', async () => {
  const { engine, run } = await openStand()
  await engine.stop()

  await expect(run(pythonPrograms.echoes)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(engine.socketPath),
  })
})

test('DOCKER_HOST does not win over the configured socket', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:9')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { run } = await openStand()

  expect(await run(pythonPrograms.echoes, { value: 7 })).toEqual({ ok: true, output: '7' })
})

test('a hundred runs, good and bad, leave no container behind', async () => {
  const { engine, run } = await openStand()
  const image = `registry.example/python@${digestOf('c')}`
  engine.images.set(image, { entrypoint: ['sh', '-c', 'cat'] })
  engine.images.set(IMAGE, { entrypoint: ['sh', '-c', 'exit 3'] })

  for (let round = 0; round < 25; round += 1) {
    const four = [image, image, IMAGE, IMAGE].map((each) => run('', { language: 'image', image: each, value: round }))
    expect((await Promise.all(four)).map(({ ok }) => ok)).toEqual([true, true, false, false])
  }

  expect(engine.created).toHaveLength(100)
  await vi.waitFor(() => expect(engine.containers.size).toBe(0))
})

test('containers of a worker that was killed are swept when the next one starts, those of others are not', async () => {
  const { engine } = await openStand()
  const url = new URL('docker-victim.ts', new URL('process/', import.meta.url))
  const victim = fork(url, { env: { ...process.env, ENGINE: engine.socketPath, IMAGE } })
  onTestFinished(() => void victim.kill('SIGKILL'))
  const mine = engine.running()
  await mine
  const gone = once(victim, 'exit')
  victim.kill('SIGKILL')
  await gone
  const living = runWith(await openDockerBackend(settingsOf(engine), 'house'), pythonPrograms.loops, {
    limits: { ...LIMITS, timeoutMs: 3_000 },
  })
  await vi.waitFor(() => expect(engine.created.filter(({ state }) => state === 'running').length).toBeGreaterThan(0))

  await openDockerBackend(settingsOf(engine), 'another house')
  await openDockerBackend(settingsOf(engine), 'house')

  const [left] = engine.containers.values()
  expect(engine.containers.size).toBe(1)
  expect(left?.body.Labels).toMatchObject({ 'gatehouse.worker': expect.stringContaining(`/${process.pid}/`) })
  expect(await living).toMatchObject({ reason: 'timeout' })
})
