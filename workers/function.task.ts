import { functionLane } from '../queue/function.lane.ts'
import { implement } from '../queue/lane.ts'
import { taskSettings } from '../queue/task-settings.ts'
import { backendOf } from './function/backends.ts'
import { checkSource } from './function/check-source.ts'
import { invoke } from './function/invoke.ts'
import { refusalVerdict } from './function/refusal-verdict.ts'

/** No job is there yet. */
const NOBODY = { ask: async () => Promise.reject(new TypeError('Nobody can be asked before there is a job.')) }

// At once, because opening it removes the containers that a killed worker left.
if (taskSettings().function.docker.enabled) await backendOf('docker', NOBODY)

/** Runs and checks functions. Whatever a function does is a result; a verdict without one says that it could not be run at all. */
export default implement(functionLane, async (payload, context) => {
  try {
    const result = payload.kind === 'invoke' ? await invoke(payload, context) : await checkSource(payload, context)
    return { kind: 'done', result }
  } catch (thrown) {
    if (context.signal.aborted) throw thrown
    return refusalVerdict(thrown)
  }
})
