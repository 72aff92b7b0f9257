import type { Client } from '../../contract/visit.ts'
import type { Line } from './line.ts'

/** Levels of `notifications/message` (MCP 2025-11-25, RFC 5424), the most talkative first. */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const

/** Telling a server how much to say must not hold up what it is asked. */
const TIMEOUT_MS = 5_000

/**
 * Have a server say as much as the client of the next call wants to hear; nothing where it does already, or where each request says it.
 *
 * A connection that clients share is set to the most talkative of them: each hears of it what it asked for.
 */
export function setLevel(line: Line, client: Client | undefined): Promise<unknown> | undefined {
  const wanted = client?.logLevel
  if (wanted === undefined || wanted === line.level || line.connection.era === 'stateless') return undefined
  if (line.connection.server.capabilities['logging'] === undefined) return undefined
  if (line.owner === undefined && line.level !== undefined && rank(line.level) <= rank(wanted)) return undefined
  line.level = wanted
  return line.connection.request('logging/setLevel', { level: wanted }, { idleTimeoutMs: TIMEOUT_MS }).catch(() => undefined) // A server that cannot do it says what it says.
}

const rank = (level: string): number => (LEVELS as readonly string[]).indexOf(level)
