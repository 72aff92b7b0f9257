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
  readonly clientName: string
  readonly clientVersion: string
}

/** Longest client name that is written to a log. */
const MAX_SHOWN = 100

/** The parameters of `initialize`. @throws RpcError -32602, naming what is missing */
export function readHello({ params = {} }: RpcRequest): Hello {
  const { protocolVersion, capabilities, clientInfo } = params
  if (typeof protocolVersion !== 'string') throw invalid('protocolVersion must be a text, e.g. 2025-11-25')
  if (!isRecord(capabilities)) throw invalid('capabilities must be an object')
  if (!isRecord(clientInfo)) throw invalid('clientInfo must be an object')
  const { name, version } = clientInfo
  if (typeof name !== 'string' || typeof version !== 'string') throw invalid('clientInfo must have a name and a version')
  return {
    revision: negotiate(protocolVersion),
    clientName: name.slice(0, MAX_SHOWN),
    clientVersion: version.slice(0, MAX_SHOWN),
  }
}

/** The JSON of an `InitializeResult`. */
export const welcome = (revision: Revision, identity: Identity, instructions: string): string =>
  JSON.stringify({
    protocolVersion: revision,
    capabilities: { tools: { listChanged: true }, logging: {} },
    serverInfo: identity,
    instructions,
  })

/** What a model is told of an address. */
export function instructionsFor(source: string | undefined, empty: boolean): string {
  const scope = source === undefined ? 'The tools of several sources' : `The tools of the source ${source}`
  if (empty)
    return `${scope} are served here, but at present there is none that you may call. Ask the operator for the right to use them.`
  const naming = source === undefined ? ' A name begins with its source: <source>__<tool>.' : ''
  return `${scope} are served here, each call checked and recorded.${naming} A result that begins with a code such as forbidden or rate_limited comes from the gateway and says what to do.`
}

const invalid = (what: string): RpcError => new RpcError(RPC.invalidParams, `initialize: the field ${what}.`)
