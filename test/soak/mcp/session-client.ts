import type { Target } from '../load.ts'
import { ANSWER, CAPABILITIES, messagesOf, post, type SoakClient, textOf } from './soak-client.ts'

const REVISION = '2025-11-25'

/** Open a session with its standing stream. @param onChange told of every changed list */
export async function openSessionClient(target: Target, path: string, onChange: () => void): Promise<SoakClient> {
  const hello = { protocolVersion: REVISION, capabilities: CAPABILITIES, clientInfo: { name: 'soak', version: '1' } }
  const opened = await post(target, path, { id: 0, method: 'initialize', params: hello }, {})
  const session = opened.headers.get('mcp-session-id')
  if (session === null) throw new Error(`initialize answered ${opened.status}: ${await opened.text()}`)
  await opened.text()
  const headers = { 'mcp-session-id': session, 'mcp-protocol-version': REVISION }
  await (await post(target, path, { method: 'notifications/initialized' }, headers)).text()
  const leaving = new AbortController()
  const listening = listen(target, path, headers, leaving.signal, onChange)
  let lastId = 0
  return {
    async call(name) {
      lastId += 1
      const params = { name, arguments: {}, _meta: { progressToken: lastId } }
      const response = await post(target, path, { id: lastId, method: 'tools/call', params }, headers)
      let progress = 0
      for await (const message of messagesOf(response)) {
        if (message.method === 'notifications/progress') progress += 1
        else if (message.method === 'elicitation/create')
          await (await post(target, path, { id: message.id, result: ANSWER }, headers)).text()
        else if ('result' in message || 'error' in message) return { text: textOf(message), progress }
      }
      throw new Error(`${name} was not answered`)
    },
    async close() {
      leaving.abort()
      await listening
      const { url, token } = target
      await (await fetch(`${url}${path}`, { method: 'DELETE', headers: { ...headers, authorization: `Bearer ${token}` } })).text()
    },
  }
}

async function listen(
  { url, token }: Target,
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  onChange: () => void,
) {
  const all = { ...headers, accept: 'text/event-stream', authorization: `Bearer ${token}` }
  try {
    for await (const { method } of messagesOf(await fetch(`${url}${path}`, { headers: all, signal }))) {
      if (String(method).endsWith('/list_changed')) onChange()
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}
