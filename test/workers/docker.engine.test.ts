import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { functionBackendSettings, isImageByDigest } from '../../queue/function.settings.ts'
import { openDockerBackend } from '../../workers/function/docker-backend.ts'
import { digestOf, startEngine } from '../fixture/engine/engine.ts'
import { type BackendStand, describeBackend } from './backend.conformance.ts'
import { pythonPrograms } from './docker.programs.ts'

const hasDockerCommand = ((): boolean => {
  try {
    execFileSync('docker', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasDockerCommand)(
  'the docker command gets on with the engine that our tests use (skipped where there is none)',
  async () => {
    const image = `python@${digestOf('a')}`
    const engine = await startEngine({ [image]: { cmd: ['sh', '-c', 'cat; echo careful >&2; exit 3'] } })
    onTestFinished(() => engine.stop())

    const ended = await docker(engine.socketPath, ['run', '--rm', '-i', '--network', 'none', '--memory', '64m', image], 'hello')

    expect(ended).toEqual({ code: 3, stdout: 'hello', stderr: 'careful\n' })
    expect(engine.created[0]!.body.HostConfig).toMatchObject({ AutoRemove: true, NetworkMode: 'none', Memory: 67_108_864 })
    expect(engine.containers.size).toBe(0)
  },
)

function docker(socketPath: string, args: readonly string[], input: string): Promise<object> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', DOCKER_HOST: `unix://${socketPath}` }
    const child = execFile('docker', args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const SOCKET = '/var/run/docker.sock'
const image = process.env['GATEHOUSE_TEST_DOCKER_IMAGE'] ?? ''
const hasEngine = existsSync(SOCKET) && isImageByDigest(image)

const stand: BackendStand = {
  language: 'python',
  image,
  timeoutMs: 3_000,
  slackMs: 3_000,
  open: async () =>
    await openDockerBackend(
      functionBackendSettings.parse({ docker: { enabled: true, socketPath: SOCKET, images: [image] } }).docker,
      'test',
    ),
  programs: {
    ...pythonPrograms,
    remembers: [
      'import os',
      'def main(input, context):',
      "    left = open('/tmp/left').read() if os.path.exists('/tmp/left') else None",
      "    open('/tmp/left', 'w').write(str(input))",
      '    return left',
    ].join('\n'),
  },
}

if (hasEngine) describeBackend('the backend docker with a real engine', stand)
else
  test.skip('the backend docker with a real engine (needs one, and GATEHOUSE_TEST_DOCKER_IMAGE with a Python image by digest)', () => {})
