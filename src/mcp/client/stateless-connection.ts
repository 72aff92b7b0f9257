import { META } from '../meta-key.ts'
import { RPC, RpcError } from '../rpc.ts'
import { STATELESS_REVISION } from '../stateless-revision.ts'
import { ClientError } from './client-error.ts'
import type { Connection, ServerIntroduction } from './connection.ts'
import type { Verdict } from './era.ts'
import { hopError } from './hop-error.ts'
import { introductionOf, isFields } from './introduction-of.ts'
import type { OpenPeer } from './open-peer.ts'
import type { ClientIntroduction } from './request-options.ts'
import { subscribe } from './subscribe.ts'
import type { TimerWheel } from './timer-wheel.ts'

type Params = Readonly<Record<string, unknown>>

/** Who speaks where a request names nobody. */
export interface StatelessParts {
  readonly opened: OpenPeer
  readonly client: Required<Pick<ClientIntroduction, 'capabilities'>> & { readonly info: Params }
  readonly wheel: TimerWheel
  readonly timeoutMs: number
  /** The server no longer speaks our revision. */
  readonly stale: () => void
}

/** A connection to a server that keeps nothing for it: every request says anew who asks (MCP 2026-07-28). */
export function statelessConnection(parts: StatelessParts, server: ServerIntroduction, verdict: Verdict): Connection {
  const { opened, client, wheel, timeoutMs, stale } = parts
  const { peer, transport } = opened
  let isStale = false
  const request: Connection['request'] = async (method, params, options) => {
    if (!opened.open) throw new ClientError('lost', 'The connection is closed.', { sent: false })
    try {
      return await peer.request(method, introduced(params, options.client ?? client, client.info), options)
    } catch (thrown) {
      const error = thrown instanceof RpcError ? hopError(thrown) : undefined
      if (error?.kind === 'stale' && !isStale) {
        isStale = true
        stale()
      }
      throw error ?? thrown
    }
  }
  opened.adopt('stateless')
  return {
    server,
    era: 'stateless',
    verdict,
    stateful: false,
    get open() {
      return opened.open
    },
    get pendingCount() {
      return peer.pendingCount
    },
    get strayCount() {
      return peer.strayCount
    },
    request,
    notify() {},
    subscribe: (filter, hear) => subscribe({ request, wheel, timeoutMs }, filter, hear),
    close() {
      peer.failAll(new ClientError('lost', 'The connection was closed.'))
      return transport.close()
    },
  }
}

/**
 * Ask a server of the stateless era what it is.
 *
 * @returns `undefined` where the answer is not one of that era
 * @throws RpcError, ClientError
 */
export async function discover(
  { opened, client }: Pick<StatelessParts, 'opened' | 'client'>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<(ServerIntroduction & { readonly supportedVersions: readonly unknown[] }) | undefined> {
  const params = introduced(undefined, client, client.info)
  const result = await opened.peer.request('server/discover', params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
  if (!isFields(result) || !Array.isArray(result['supportedVersions'])) return undefined
  const meta = isFields(result['_meta']) ? result['_meta'] : {}
  const serverInfo = meta[META.serverInfo] ?? result['serverInfo']
  return { ...introductionOf(result, STATELESS_REVISION, serverInfo), supportedVersions: result['supportedVersions'] }
}

/** What we take for granted of a server that is said to be of the stateless era and does not introduce itself. */
export const UNKNOWN_SERVER: ServerIntroduction = {
  protocolVersion: STATELESS_REVISION,
  capabilities: { tools: {}, prompts: {}, resources: {} },
  serverInfo: {},
}

/** Whether an error only says that the server knows no `server/discover`. */
export const knowsNoDiscover = (thrown: unknown): boolean => thrown instanceof RpcError && thrown.code === RPC.methodNotFound

function introduced(params: Params | undefined, { capabilities, info, logLevel }: ClientIntroduction, own: Params): Params {
  return {
    ...params,
    _meta: {
      ...(params?.['_meta'] as Params | undefined),
      [META.protocolVersion]: STATELESS_REVISION,
      [META.clientCapabilities]: capabilities,
      [META.clientInfo]: info ?? own,
      // Set in any case, so that a client's own field is never taken for ours.
      [META.logLevel]: logLevel,
    },
  }
}
