import type { Target } from '../load.ts'
import { ANSWER, CAPABILITIES, messagesOf, post, type SoakClient, textOf } from './soak-client.ts'

const REVISION = '2026-07-28'
const PREFIX = 'io.modelcontextprotocol/'

/** Be a client of the stateless era with an open subscription. @param onChange told of every changed list */
export function openStatelessClient(target: Target, path: string, name: string, onChange: () => void): SoakClient {
  const meta = {
    [`${PREFIX}protocolVersion`]: REVISION,
    [`${PREFIX}clientCapabilities`]: CAPABILITIES,
    [`${PREFIX}clientInfo`]: { name, version: '1' },
  }
  let lastId = 0
  const send = (method: string, params: object, more: Record<string, string> = {}, signal?: AbortSignal) => {
    lastId += 1
    const headers = { 'mcp-protocol-version': REVISION, 'mcp-method': method, ...more }
    return post(target, path, { id: lastId, method, params: { _meta: meta, ...params } }, headers, signal)
  }
  const leaving = new AbortController()
  const listen = async (): Promise<void> => {
    try {
      const response = await send('subscriptions/listen', { notifications: { toolsListChanged: true } }, {}, leaving.signal)
      for await (const { method } of messagesOf(response)) if (String(method).endsWith('/list_changed')) onChange()
    } catch (thrown) {
      if (!leaving.signal.aborted) throw thrown
    }
  }
  const listening = listen()
  return {
    async call(tool) {
      let [progress, more] = [0, {}]
      // A round for the question, and one for its answer.
      for (let round = 0; round < 3; round++) {
        const own = { name: tool, arguments: {}, ...more, _meta: { ...meta, progressToken: lastId } }
        let last: any
        for await (const message of messagesOf(await send('tools/call', own, { 'mcp-name': tool }))) {
          if (message.method === 'notifications/progress') progress += 1
          else last = message
        }
        if (last?.result?.resultType !== 'input_required') return { text: textOf(last), progress }
        const { inputRequests, requestState } = last.result
        const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, ANSWER]))
        more = { inputResponses, ...(requestState !== undefined && { requestState }) }
      }
      throw new Error(`${tool} asked again and again`)
    },
    async close() {
      leaving.abort()
      await listening
    },
  }
}
