import { functionBackendSettings } from '../../queue/function.settings.ts'
import { openDockerBackend } from '../../workers/function/docker-backend.ts'
import { digestOf, type Engine, startEngine } from '../fixture/engine/engine.ts'
import { type BackendStand, describeBackend } from './backend.conformance.ts'
import { nodePrograms, pythonPrograms } from './docker.programs.ts'

const PYTHON = `python@${digestOf('a')}`
const NODE = `node@${digestOf('b')}`

/** A process is slower to start than a thread, and two cores are shared with other tests. */
const PATIENCE = { timeoutMs: 1_500, slackMs: 1_500 }

function stand(language: BackendStand['language'], image: string, programs: BackendStand['programs']): BackendStand {
  let engine: Engine | undefined
  return {
    ...PATIENCE,
    language,
    image,
    programs,
    async open() {
      engine = await startEngine({ [image]: {} })
      const { docker } = functionBackendSettings.parse({
        docker: { enabled: true, socketPath: engine.socketPath, images: [image] },
      })
      return await openDockerBackend(docker, 'test')
    },
    close: async () => await engine?.stop(),
  }
}

describeBackend('the backend docker with Python', stand('python', PYTHON, pythonPrograms))
describeBackend('the backend docker with Node', stand('node', NODE, nodePrograms))
