import { describe, expect, it, onTestFinished } from 'vitest'
import { PNG } from '../fixture/conformance/sample.ts'
import { connect } from '../mcp/server/client.ts'
import { runSuite } from './run-suite.ts'
import { startStand, type Wire } from './stand.ts'

/** Scenarios of the 2025-11-25 requirements that the gateway has to pass today. */
const REQUIRED = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
  'server-session-lifecycle',
  'json-schema-2020-12',
]

describe('The official MCP conformance suite', () => {
  it.each<[Wire]>([['http'], ['stdio']])(
    'finds nothing amiss with an upstream over %s but what is listed',
    async (wire) => {
      const stand = await startStand(wire)
      onTestFinished(() => stand.stop())

      await expectRealCalls(stand.url)
      const { exitCode, report } = await runSuite(stand.url)

      expect(exitCode, report.slice(-6_000)).toBe(0)
      for (const scenario of REQUIRED) expect(report).toMatch(new RegExp(`✓ ${scenario}: [1-9]\\d* passed, 0 failed`))
    },
    120_000,
  )
})

/** Some scenarios pass when a tool is merely refused, so that the calls themselves are looked at here. */
async function expectRealCalls(url: string): Promise<void> {
  const session = await connect(url, 'the proxy puts in the real one')
  const call = async (name: string) => (await session.request('tools/call', { name })).result
  const schema = (await session.request('tools/list')).result.tools.find(
    ({ name }: { name: string }) => name === 'json_schema_2020_12_tool',
  ).inputSchema

  expect((await call('test_simple_text')).content).toEqual([
    { type: 'text', text: 'This is a simple text response for testing.' },
  ])
  expect((await call('test_image_content')).content).toEqual([{ type: 'image', data: PNG, mimeType: 'image/png' }])
  expect(await call('test_error_handling')).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('intentionally') }],
  })
  expect(schema).toMatchObject({ $defs: { address: { $anchor: 'addressDef' } }, if: {}, else: {}, additionalProperties: false })
}
