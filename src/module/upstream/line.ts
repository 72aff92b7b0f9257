import type { Caller } from '../../contract/caller.ts'
import type { Client, Visit } from '../../contract/visit.ts'
import type { Roster } from '../../core/churn/roster.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import type { Call } from './call.ts'

/** Whose a line is, where it is one client session's alone. */
export interface LineOwner {
  readonly caller: Caller
  readonly sessionKey: string
  readonly requestId: string
  readonly client: Client | undefined
}

/** A connection as calls use it. */
export interface Line {
  /** What tells the lines of one upstream apart; empty for the base connection. */
  readonly key: string
  readonly connection: Connection
  readonly calls: Roster<Call>
  /** `undefined` where callers share it: then what it says outside of calls belongs to nobody in particular. */
  owner: LineOwner | undefined
  /** The server can say on it what it is not asked for, besides the answers. */
  readonly listens: boolean
  /** The log level that was asked for last. */
  level: string | undefined
}

/** What a line keeps of the visits that use it. */
export const ownerOf = ({ caller, sessionKey, requestId, client }: Visit): LineOwner => ({
  caller,
  sessionKey,
  requestId,
  client,
})

/**
 * The call that something belongs to which the server says on no call's own stream: the last one, unless calls of several clients are
 * under way, between whom nothing tells.
 */
export function onlyClientsCall(calls: Roster<Call>): Call | undefined {
  let last: Call | undefined
  for (const call of calls.all()) {
    if (last !== undefined && last.visit.sessionKey !== call.visit.sessionKey) return undefined
    last = call
  }
  return last
}

/** The call that most likely asks where none says so: the oldest of those with the fewest open questions, unless there are several clients. */
export function likeliestAsker(calls: Roster<Call>): Call | undefined {
  if (onlyClientsCall(calls) === undefined) return undefined
  return calls.all().reduce((best, call) => (call.openQuestions < best.openQuestions ? call : best))
}
