import { capabilitiesOf } from '../capabilities.ts'
import { composeInstructions } from '../compose-instructions.ts'
import { SERVED_REVISIONS } from './served-revisions.ts'
import type { StatelessTurn } from './stateless-turn.ts'
import { TASKS } from './tasks-extension.ts'

type Params = Readonly<Record<string, unknown>>

/** `server/discover`: what is served here, to this caller. */
export function discover({ state, request: { caller, source } }: StatelessTurn): string {
  const { lists, backend, limits, form } = state
  const sources = lists.sources(caller, source)
  const servers = backend.instructions().filter((server) => sources.has(server.source))
  const introduction = {
    supportedVersions: SERVED_REVISIONS,
    capabilities: { ...withTasks(capabilitiesOf(servers, false), lists.hasTasks(caller, source)), logging: {} },
    instructions: composeInstructions(source, servers, sources.size === 0, limits.instructionsChars),
  }
  return `{${form.cachedMembers}${JSON.stringify(introduction).slice(1)}`
}

/** Tasks of 2025-11-25 are no longer; those of this era are an extension, in whose words tools are called that answer only with the former. */
const withTasks = (capabilities: Params, hasTasks: boolean): Params =>
  hasTasks ? { ...capabilities, extensions: { ...TASKS['extensions'], ...Object(capabilities['extensions']) } } : capabilities
