import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { onTestFinished } from 'vitest'

/** Connect the official client, which closes when the test ends. */
export async function connectClient(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  })
  // The SDK declares an optional field that its own interface does not take under exactOptionalPropertyTypes.
  await client.connect(transport as unknown as Parameters<Client['connect']>[0])
  onTestFinished(() => client.close())
  return client
}

/** The names that the client is listed now. */
export const namesOf = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name)
