import type { McpSession, Target } from './mcp-session.ts'
import type { RawConnection } from './raw-connection.ts'

const REVISION = '2026-07-28'
/** With its number in front the text is about 120 bytes long. */
const FILLER = 'hello '.repeat(18)
const META = JSON.stringify({
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'gatehouse-bench', version: '1' },
})
let clients = 0

/** A client of the stateless era: nothing is opened and nothing is ended, every call says all. */
export function statelessSession(connection: RawConnection, head: string, { tool }: Target): McpSession {
  const headers = `POST ${head}mcp-protocol-version: ${REVISION}\r\nmcp-method: tools/call\r\nmcp-name: ${tool}\r\n`
  const client = clients++
  let id = 0
  return {
    async call() {
      id += 1
      // Differs in every call, so that a reply handed to the wrong caller is an error and not a good number.
      const text = `s${client}c${id} ${FILLER}`
      const params = `{"name":"${tool}","arguments":{"text":"${text}"},"_meta":${META}}`
      const answer = await connection.send(headers, `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`)
      const isRight = answer.status === 200 && !answer.body.includes('"isError":true') && answer.body.includes(text)
      if (!isRight) throw new Error(`${tool} answered ${answer.status}: ${answer.body.slice(0, 300)}`)
    },
    listen: async () => {
      throw new Error('There is no standing stream in this era')
    },
    end: async () => {},
  }
}
