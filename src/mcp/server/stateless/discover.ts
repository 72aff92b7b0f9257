import { capabilitiesOf } from '../capabilities.ts'
import { composeInstructions } from '../compose-instructions.ts'
import { SERVED_REVISIONS } from './served-revisions.ts'
import type { StatelessTurn } from './stateless-turn.ts'

/** `server/discover`: what is served here, to this caller. */
export function discover({ state, request: { caller, source } }: StatelessTurn): string {
  const { lists, backend, limits, form } = state
  const sources = lists.sources(caller, source)
  const servers = backend.instructions().filter((server) => sources.has(server.source))
  const introduction = {
    supportedVersions: SERVED_REVISIONS,
    // Tasks of 2025-11-25 are no longer; those of this era are an extension, which servers declare themselves.
    capabilities: { ...capabilitiesOf(servers, false), logging: {} },
    instructions: composeInstructions(source, servers, sources.size === 0, limits.instructionsChars),
  }
  return `{${form.cachedMembers}${JSON.stringify(introduction).slice(1)}`
}
