import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONNECTED } from '../conformance/leg.ts'
import { type Stand, startStand } from '../conformance/stand.ts'
import { type ServedFixture, serveHttp } from '../fixture/conformance/serve-http.ts'
import { runEverythingScript } from './everything-script.ts'
import { runFixtureScript } from './fixture-script.ts'
import { inspect } from './inspect.ts'
import type { Address, Connect, Peer } from './peer.ts'
import { connectV1 } from './peer-v1.ts'
import { connectV2Session, connectV2Stateless } from './peer-v2.ts'
import { startEverything } from './start-everything.ts'
import { plain, type Transcript } from './transcript.ts'

const CLIENTS: readonly [string, Connect][] = [
  ['version 1, session era', connectV1],
  ['version 2, session era', connectV2Session],
  ['version 2, stateless era', connectV2Stateless],
]

let stand: Stand
let fixture: ServedFixture
let everything: Awaited<ReturnType<typeof startEverything>>

type Entries = Transcript['entries']

const LIST_CHANGE = /^(tool|prompt|resource)s changed$/

async function transcribe(connect: Connect, address: Address, run: (peer: Peer) => Promise<Transcript>): Promise<Entries> {
  const peer = await connect(address)
  try {
    return (await run(peer)).entries
  } finally {
    await peer.close()
  }
}

describe('A script of everything that MCP has', () => {
  beforeAll(async () => {
    everything = await startEverything()
    stand = await startStand(CONNECTED, { everything: { transport: 'http', url: everything.url } })
    fixture = await serveHttp('both')
  })
  afterAll(async () => {
    fixture?.close()
    await stand?.stop()
    await everything?.child.stop()
  })

  describe.each(CLIENTS)('run by the official client, %s', (_name, connect) => {
    let direct: Entries
    beforeAll(async () => {
      direct = await transcribe(connect, { url: fixture.url, token: undefined }, runFixtureScript)
    })

    it.concurrent.each(CONNECTED)(
      'has the same transcript with a server of the $era era over $transport behind a gateway as with the server itself',
      async ({ alias, era, transport }) => {
        const { url, token } = stand.gateway
        const isAlone = era === 'session' && transport === 'stdio'

        const relayed = await transcribe(connect, { url: `${url}/mcp/s/${alias}`, token }, (peer) =>
          runFixtureScript(peer, { isAlone }),
        )

        expect(relayed).toEqual(direct.filter(({ step }) => !isAlone || !LIST_CHANGE.test(step)))
        expect(relayed.length).toBeGreaterThan(40)
      },
      60_000,
    )
  })

  it.concurrent.each(CLIENTS)(
    'run by the official client, %s, has the same transcript with the reference server behind a gateway as with the server itself',
    async (_name, connect) => {
      const { url, token } = stand.gateway
      // The reference server knows the session era alone.
      const directly = connect === connectV2Stateless ? connectV2Session : connect

      const direct = await transcribe(directly, { url: everything.url, token: undefined }, runEverythingScript)
      const relayed = await transcribe(connect, { url: `${url}/mcp/s/everything`, token }, runEverythingScript)

      expect(relayed).toEqual(direct)
      expect(relayed.length).toBeGreaterThan(20)
    },
    60_000,
  )

  it.concurrent.each([
    ['session', 'legacy'],
    ['stateless', 'modern'],
  ])(
    'the Inspector sees the same in the %s era, with a server of either era, as without a gateway',
    async (_era, name) => {
      const { url, token } = stand.gateway
      const look = async (address: Address): Promise<unknown[]> => [
        await inspect(address, name, '--method', 'tools/list'),
        await inspect(address, name, '--method', 'prompts/get', '--prompt-name', 'test_simple_prompt'),
      ]

      const direct = look({ url: fixture.url, token: undefined })
      const relayed = ['session', 'stateless'].map((alias) => look({ url: `${url}/mcp/s/${alias}`, token }))

      const [expected, ...seen] = (await Promise.all([direct, ...relayed])).map((results) => plain(results))
      expect(seen).toEqual([expected, expected])
    },
    120_000,
  )
})
