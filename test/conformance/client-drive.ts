/**
 * The client that the official suite starts: reads from the environment what is to be done, and does it at the address in its last argument,
 * or, where `GATEHOUSE_URL` and `GATEHOUSE_TOKEN` say so, through a gateway to which that address is added as an upstream.
 */
import { connectAgent } from './client-agent.ts'
import { SCENARIOS } from './client-scenarios.ts'
import { withUpstream } from './with-upstream.ts'

const {
  MCP_CONFORMANCE_SCENARIO: scenario = '',
  MCP_CONFORMANCE_CONTEXT: context = '{}',
  GATEHOUSE_URL: gateway,
  GATEHOUSE_TOKEN: token = '',
  AGENT_ERA: era = 'auto',
} = process.env
const server = process.argv.at(-1)!

const drive = async (url: string, headers: Readonly<Record<string, string>>): Promise<void> => {
  const scene = SCENARIOS[scenario]
  if (scene === undefined) throw new Error(`Nothing is known of scenario ${scenario}`)
  const agent = await connectAgent(url, { headers, era: era as 'auto' })
  try {
    await scene(agent, JSON.parse(context))
  } finally {
    await agent.close()
  }
}

if (gateway === undefined) await drive(server, {})
else {
  const headers = { authorization: `Bearer ${token}` }
  await withUpstream({ gateway, headers, url: server }, (alias) => drive(`${gateway}/mcp/s/${alias}`, headers))
}
