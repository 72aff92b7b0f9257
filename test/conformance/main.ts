/** `npm run conformance`: the official MCP suite through the gateway. Exits like the suite does. */
import { runSuite } from './run-suite.ts'
import { startStand } from './stand.ts'

const stand = await startStand(process.argv.includes('--stdio') ? 'stdio' : 'http')
try {
  const { exitCode } = await runSuite(stand.url, (text) => void process.stdout.write(text))
  process.exitCode = exitCode
} finally {
  await stand.stop()
}
