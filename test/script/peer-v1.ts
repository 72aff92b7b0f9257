import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  type ClientRequest,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ResultSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { answerTo, CAPABILITIES } from './answer.ts'
import { type Address, type Heard, type Peer, requestInitFor } from './peer.ts'

/** The official client, version 1: session era. */
export async function connectV1(address: Address): Promise<Peer> {
  const heard: Heard[] = []
  const asked: Heard[] = []
  const client = new Client({ name: 'script', version: '1' }, { capabilities: CAPABILITIES })
  for (const schema of [ElicitRequestSchema, CreateMessageRequestSchema, ListRootsRequestSchema]) {
    client.setRequestHandler(schema, async ({ method, params = {} }) => {
      asked.push({ method, params })
      return answerTo(method, params)
    })
  }
  client.fallbackNotificationHandler = async ({ method, params = {} }) => void heard.push({ method, params })
  const transport = new StreamableHTTPClientTransport(new URL(address.url), requestInitFor(address))
  // The SDK declares an optional field that its own interface does not take under exactOptionalPropertyTypes.
  await client.connect(transport as unknown as Parameters<Client['connect']>[0])
  const request: Peer['request'] = (method, params = {}, { signal, onProgress } = {}) =>
    client.request({ method, params } as ClientRequest, ResultSchema, {
      ...(signal && { signal }),
      ...(onProgress && { onprogress: (progress) => onProgress({ ...progress }) }),
    })
  return {
    era: 'session',
    introduction: { capabilities: client.getServerCapabilities(), instructions: client.getInstructions() },
    request,
    heard,
    asked,
    watch: async (uri) => {
      await request('resources/subscribe', { uri })
      return () => request('resources/unsubscribe', { uri })
    },
    close: async () => {
      await transport.terminateSession()
      await client.close()
    },
  }
}
