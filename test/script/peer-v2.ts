import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { z } from 'zod'
import { answerTo, CAPABILITIES } from './answer.ts'
import { type Address, type Heard, type Peer, requestInitFor } from './peer.ts'

const Loose = z.looseObject({})
const QUESTIONS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }

/** What messages of a server are logged from; the stateless era asks for it with each request. */
const LOG_LEVEL = { 'io.modelcontextprotocol/logLevel': 'info' }

/** The official client, version 2, in the session era. */
export const connectV2Session = (address: Address): Promise<Peer> => connectV2(address, 'session')

/** The official client, version 2, in the stateless era. */
export const connectV2Stateless = (address: Address): Promise<Peer> => connectV2(address, 'stateless')

async function connectV2(address: Address, era: Peer['era']): Promise<Peer> {
  const heard: Heard[] = []
  const asked: Heard[] = []
  const mode = era === 'session' ? 'legacy' : { pin: '2026-07-28' }
  const client = new Client(
    { name: 'script', version: '1' },
    { capabilities: CAPABILITIES, versionNegotiation: { mode } as const },
  )
  for (const method of QUESTIONS) {
    client.setRequestHandler(method, async ({ params = {} }) => {
      asked.push({ method, params: { ...params } })
      // any: what is answered depends on what is asked.
      return answerTo(method, { ...params }) as any
    })
  }
  client.fallbackNotificationHandler = async ({ method, params = {} }) => void heard.push({ method, params })
  const transport = new StreamableHTTPClientTransport(new URL(address.url), requestInitFor(address))
  await client.connect(transport)
  const request: Peer['request'] = (method, params = {}, { signal, onProgress } = {}) => {
    const whole = era === 'stateless' ? { ...params, _meta: LOG_LEVEL } : params
    const how = {
      ...(signal && { signal }),
      ...(onProgress && { onprogress: (progress: object) => isOfServer(progress) && onProgress({ ...progress }) }),
    }
    // Only `callTool` repeats arguments in headers.
    return method === 'tools/call' && 'name' in whole
      ? client.callTool(whole as Parameters<Client['callTool']>[0], how)
      : client.request({ method, params: whole }, Loose, how)
  }
  const listening = era === 'stateless' ? await client.listen(LISTS) : undefined
  return {
    era,
    introduction: { capabilities: client.getServerCapabilities(), instructions: client.getInstructions() },
    request,
    heard,
    asked,
    async watch(uri) {
      if (era === 'stateless') {
        const watching = await client.listen({ resourceSubscriptions: [uri] })
        return () => watching.close()
      }
      await request('resources/subscribe', { uri })
      return () => request('resources/unsubscribe', { uri })
    },
    async close() {
      await listening?.close()
      await client.close()
    },
  }
}

/** The client reports rounds of its own as progress too. */
const isOfServer = (progress: { readonly message?: string }): boolean =>
  !progress.message?.startsWith('Fulfilling input required')
