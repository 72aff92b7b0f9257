import { instructionsFor } from '../initialize.ts'
import { SERVED_REVISIONS } from './stateless-revision.ts'
import type { StatelessTurn } from './stateless-turn.ts'

/** `server/discover`: what is served here, to this caller. */
export function discover({ state, request: { caller, source } }: StatelessTurn): string {
  const introduction = {
    supportedVersions: SERVED_REVISIONS,
    capabilities: { tools: { listChanged: true }, logging: {} },
    instructions: instructionsFor(source, state.lists.isEmpty('tool', caller, source)),
  }
  return `{${state.form.cachedMembers}${JSON.stringify(introduction).slice(1)}`
}
