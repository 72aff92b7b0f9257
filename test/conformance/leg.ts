import { REVISIONS, type Revision } from './requirement-set.ts'

/** How the gateway reaches the fixture: by which alias, which eras the fixture speaks, over what. */
export interface Connected {
  readonly alias: string
  readonly era: 'session' | 'stateless'
  readonly transport: 'http' | 'stdio'
}

/** Every way in which the fixture is connected to the one gateway of a stand. */
export const CONNECTED: readonly Connected[] = [
  { alias: 'stateless', era: 'stateless', transport: 'http' },
  { alias: 'session', era: 'session', transport: 'http' },
  { alias: 'stateless-stdio', era: 'stateless', transport: 'stdio' },
  { alias: 'session-stdio', era: 'session', transport: 'stdio' },
]

/** One run of the suite against the gateway: as a client of which revision, with which upstream behind it. */
export interface Leg {
  readonly upstream: Connected
  readonly revision: Revision
}

/** All runs. */
export const LEGS: readonly Leg[] = CONNECTED.flatMap((upstream) => REVISIONS.map((revision) => ({ upstream, revision })))
