import type { RpcRequest } from '../../rpc.ts'
import type { McpRequest } from '../mcp-request.ts'
import type { Envelope } from './envelope.ts'
import type { Reply } from './reply.ts'
import type { StatelessClient } from './stateless-client.ts'
import type { StatelessState } from './stateless-state.ts'

/** What every method may use while it answers one request. */
export interface StatelessTurn {
  readonly state: StatelessState
  readonly request: McpRequest
  readonly message: RpcRequest
  readonly envelope: Envelope
  readonly client: StatelessClient
  readonly reply: Reply
}

/** A method that answers at once, with the JSON of its result, or through the reply when it is done. @throws RpcError, Refusal */
export type StatelessMethod = (turn: StatelessTurn) => string | Promise<void>
