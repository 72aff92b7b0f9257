/** The client that the official suite starts: reads from the environment what is to be done, and does it at the address in its last argument. */
import { connectAgent } from './client-agent.ts'
import { SCENARIOS } from './client-scenarios.ts'

const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env
const drive = SCENARIOS[scenario]
if (drive === undefined) throw new Error(`Nothing is known of scenario ${scenario}`)
const agent = await connectAgent(process.argv.at(-1)!)
try {
  await drive(agent, JSON.parse(context))
} finally {
  await agent.close()
}
