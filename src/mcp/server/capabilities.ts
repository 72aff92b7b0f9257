import type { Instructions } from '../../contract/tool.ts'
import { isRecord } from './message.ts'

/** Capabilities that mean the same at every server, so that those of several can be joined. */
const JOINED = ['experimental', 'extensions'] as const

/**
 * The MCP `ServerCapabilities` of an address.
 *
 * All lists are declared even when they are empty now, because a server may come back or a right be granted while a client is connected.
 *
 * @param servers whose things the caller sees
 * @param tasks whether some tool can be called as a task (2025-11-25)
 */
export function capabilitiesOf(servers: readonly Instructions[], tasks: boolean): Readonly<Record<string, unknown>> {
  return {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    completions: {},
    ...(tasks && { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
    ...joined(servers),
  }
}

function joined(servers: readonly Instructions[]): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const field of JOINED) {
    const declared = servers.map(({ capabilities }) => capabilities?.[field]).filter(isRecord)
    if (declared.length > 0) found[field] = Object.assign({}, ...declared)
  }
  return found
}
