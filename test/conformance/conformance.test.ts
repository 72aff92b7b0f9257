import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PNG } from '../fixture/conformance/sample.ts'
import { serveHttp } from '../fixture/conformance/serve-http.ts'
import { connect } from '../mcp/server/client.ts'
import { judgeRun } from './judge-run.ts'
import { CONNECTED } from './leg.ts'
import { REVISIONS } from './requirement-set.ts'
import { type JudgedClientLeg, runClientLegs } from './run-client-legs.ts'
import { type JudgedLeg, runLegs } from './run-legs.ts'
import { runServerSuite } from './run-suite.ts'
import { type Stand, startStand } from './stand.ts'

/** Behind one gateway; the legs are run once, and each test looks at its own. */
let stand: Stand
let legs: Promise<JudgedLeg[]>
let clientLegs: Promise<JudgedClientLeg[]>

describe('The official MCP conformance suite', () => {
  beforeAll(async () => {
    stand = await startStand()
    legs = runLegs(stand)
    legs.catch(() => {})
    clientLegs = runClientLegs()
    clientLegs.catch(() => {})
  })
  afterAll(async () => {
    await Promise.allSettled([legs, clientLegs])
    await stand?.stop()
  })

  it.each(REVISIONS)(
    'finds nothing amiss with the fixture itself at %s',
    async (revision) => {
      const fixture = await serveHttp('both')

      const verdict = judgeRun(await runServerSuite(fixture.url, revision).finally(() => fixture.close()))

      expect(verdict).toMatchObject({ surprises: [], unscored: [] })
      expect(verdict.required).toBeGreaterThanOrEqual(30)
    },
    60_000,
  )

  it('finds nothing amiss with the gateway as a client of the suite’s own servers, for agents of both eras', async () => {
    for (const { name, verdict } of await clientLegs) {
      expect(verdict.surprises, name).toEqual([])
      expect(verdict.required, name).toBeGreaterThanOrEqual(4)
    }
  }, 120_000)

  describe.each(CONNECTED)('through the gateway, with an upstream of the $era era over $transport', ({ alias }) => {
    it('gives real answers', async () => {
      await expectRealCalls(stand.url(alias))
    })

    it.each(REVISIONS)(
      'finds nothing amiss at %s but what is listed',
      async (revision) => {
        const { verdict } = (await legs).find(({ leg }) => leg.upstream.alias === alias && leg.revision === revision)!

        expect(verdict.surprises).toEqual([])
        expect(verdict.required).toBeGreaterThanOrEqual(30)
      },
      120_000,
    )
  })
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
