import { RPC, RpcError, type RpcRequest } from '../rpc.ts'
import { isRecord } from './message.ts'
import { negotiate, type Revision } from './revision.ts'

/** How the server presents itself. */
export interface Identity {
  readonly name: string
  readonly title: string
  readonly version: string
}

/** What a client says of itself when it connects. */
export interface Hello {
  readonly revision: Revision
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly info: Readonly<Record<string, unknown>>
}

/** What a client may say of itself, in characters of JSON; it is kept as long as the session. */
const MAX_CHARS = 16_384

/** The parameters of `initialize`. @throws RpcError -32602, naming what is missing */
export function readHello({ params = {} }: RpcRequest): Hello {
  const { protocolVersion, capabilities, clientInfo } = params
  if (typeof protocolVersion !== 'string') throw invalid('protocolVersion must be a text, e.g. 2025-11-25')
  if (!isRecord(capabilities)) throw invalid('capabilities must be an object')
  if (!isRecord(clientInfo)) throw invalid('clientInfo must be an object')
  const { name, version } = clientInfo
  if (typeof name !== 'string' || typeof version !== 'string') throw invalid('clientInfo must have a name and a version')
  if (JSON.stringify([capabilities, clientInfo]).length > MAX_CHARS)
    throw new RpcError(
      RPC.invalidParams,
      `initialize: capabilities and clientInfo together must not exceed ${MAX_CHARS} characters.`,
    )
  return { revision: negotiate(protocolVersion), capabilities, info: clientInfo }
}

/** The JSON of an `InitializeResult`. */
export const welcome = (revision: Revision, identity: Identity, capabilities: object, instructions: string): string =>
  JSON.stringify({ protocolVersion: revision, capabilities, serverInfo: identity, instructions })

const invalid = (what: string): RpcError => new RpcError(RPC.invalidParams, `initialize: the field ${what}.`)
