import { RPC, type RpcError } from '../rpc.ts'
import { ClientError } from './client-error.ts'

/**
 * What an error of the stateless era says of this hop alone, so that it is never passed on as it came; `undefined` for all others.
 *
 * Its `cause` is the RpcError. None of them was carried out.
 */
export function hopError(error: RpcError): ClientError | undefined {
  const { code, message } = error
  const options = { cause: error, sent: false }
  if (code === RPC.headerMismatch) {
    const why = 'The server says that our HTTP headers do not fit the request; its tools may have changed since they were listed'
    return new ClientError('refused', `${why}: ${message.slice(0, MESSAGE_CHARS)}`, options)
  }
  if (code === RPC.missingCapability) {
    const needed = missingCapabilities(error).join(', ') || 'something'
    return new ClientError('refused', `The server needs a client that declares ${needed}, which this one did not.`, options)
  }
  if (code === RPC.unsupportedVersion)
    return new ClientError('stale', 'The server no longer speaks the MCP revision that it spoke before.', options)
  return undefined
}

const MESSAGE_CHARS = 200

/** The names of the capabilities that an error -32021 asks for, e.g. `sampling`. */
function missingCapabilities({ data }: RpcError): readonly string[] {
  const required = (data as { requiredCapabilities?: unknown } | null | undefined)?.requiredCapabilities
  return typeof required === 'object' && required !== null ? Object.keys(required).map((name) => name.slice(0, 80)) : []
}
