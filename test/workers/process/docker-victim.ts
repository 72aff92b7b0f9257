/** A worker that runs a function which never ends, so that a test can kill it in the middle. */
import { functionBackendSettings } from '../../../queue/function.settings.ts'
import { openDockerBackend } from '../../../workers/function/docker-backend.ts'

const image = process.env['IMAGE']!
const socketPath = process.env['ENGINE']!
const { docker } = functionBackendSettings.parse({ docker: { enabled: true, socketPath, images: [image] } })
const limits = { memoryBytes: 33_554_432, timeoutMs: 60_000, maxOutputBytes: 1_000, maxLogBytes: 1_000 }
const backend = await openDockerBackend(docker, 'house')
await backend.run(
  {
    program: { hash: 'victim', language: 'node', backend: 'docker', image, limits },
    source: async () => 'export default () => {\n  for (;;);\n}',
    input: 'null',
    nowMs: null,
    seed: null,
  },
  {
    signal: AbortSignal.timeout(60_000),
    deadline: Date.now() + 60_000,
    log() {},
    callTool: async () => 'null',
  },
)
