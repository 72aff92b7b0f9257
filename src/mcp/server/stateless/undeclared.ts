import { META } from '../../meta-key.ts'
import { RPC, type RpcId } from '../../rpc.ts'
import { Refusal } from '../refusal.ts'

/** What a client is told that would have to declare more for its request. @param requiredCapabilities MCP `ClientCapabilities` */
export function undeclared(requiredCapabilities: Readonly<Record<string, unknown>>, id: RpcId | null = null): Refusal {
  const names = Object.keys(requiredCapabilities).join(', ')
  const message = `This needs a client that declares: ${names}. Declare it in ${META.clientCapabilities} if the client can do it.`
  return new Refusal(400, RPC.missingCapability, message, { id, data: { requiredCapabilities } })
}
