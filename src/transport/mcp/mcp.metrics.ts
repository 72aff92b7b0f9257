import type { Meter } from '../../contract/meter.ts'
import type { McpServer } from '../../mcp/server/server.ts'

/** Declare what is measured of MCP clients. */
export function measureMcp(meter: Meter, server: McpServer): void {
  const alone = (read: () => number) => () => [{ labels: {}, value: read() }]
  meter.gauge(
    'gatehouse_mcp_sessions',
    'Open sessions of MCP clients.',
    [],
    alone(() => server.sessions),
  )
  meter.gauge(
    'gatehouse_mcp_streams',
    'Standing streams of MCP clients.',
    [],
    alone(() => server.streams),
  )
  meter.gauge(
    'gatehouse_mcp_requests_in_flight',
    'Requests of MCP clients that were not answered yet.',
    [],
    alone(() => server.requestsInFlight),
  )
  meter.gauge(
    'gatehouse_mcp_questions',
    'What servers asked MCP clients and these have not answered.',
    [],
    alone(() => server.questions),
  )
  meter.gauge(
    'gatehouse_mcp_parked_calls',
    'Calls that wait for an MCP client to come back with answers.',
    [],
    alone(() => server.parkedCalls),
  )
  meter.gauge(
    'gatehouse_mcp_kept_events',
    'Messages on streams that are kept for MCP clients who may have lost them.',
    [],
    alone(() => server.keptEvents),
  )
  meter.tally(
    'gatehouse_mcp_dropped_notifications_total',
    'Notifications that slow MCP clients did not get.',
    [],
    alone(() => server.droppedNotifications),
  )
}
