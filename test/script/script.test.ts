import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONNECTED } from '../conformance/leg.ts'
import { type Stand, startStand } from '../conformance/stand.ts'
import { type ServedFixture, serveHttp } from '../fixture/conformance/serve-http.ts'
import { runFixtureScript, type Staging } from './fixture-script.ts'
import type { Address, Connect } from './peer.ts'
import { connectV1 } from './peer-v1.ts'
import { connectV2Session, connectV2Stateless } from './peer-v2.ts'
import type { Transcript } from './transcript.ts'

const CLIENTS: readonly [string, Connect][] = [
  ['version 1, session era', connectV1],
  ['version 2, session era', connectV2Session],
  ['version 2, stateless era', connectV2Stateless],
]

let stand: Stand
let fixture: ServedFixture

const LIST_CHANGE = /^(tool|prompt|resource)s changed$/

async function transcribe(connect: Connect, address: Address, staging: Staging = {}): Promise<Transcript['entries']> {
  const peer = await connect(address)
  try {
    return (await runFixtureScript(peer, staging)).entries
  } finally {
    await peer.close()
  }
}

describe('A script of everything that MCP has', () => {
  beforeAll(async () => {
    stand = await startStand()
    fixture = await serveHttp('both')
  })
  afterAll(async () => {
    fixture?.close()
    await stand?.stop()
  })

  describe.each(CLIENTS)('run by the official client, %s', (_name, connect) => {
    let direct: Promise<Transcript['entries']>
    beforeAll(async () => {
      direct = transcribe(connect, { url: fixture.url, token: undefined })
      await direct
    })

    it.concurrent.each(CONNECTED)(
      'has the same transcript with a server of the $era era over $transport behind a gateway as with the server itself',
      async ({ alias, era, transport }) => {
        const { url, token } = stand.gateway
        const isAlone = era === 'session' && transport === 'stdio'

        const relayed = await transcribe(connect, { url: `${url}/mcp/s/${alias}`, token }, { isAlone })

        expect(relayed).toEqual((await direct).filter(({ step }) => !isAlone || !LIST_CHANGE.test(step)))
        expect(relayed.length).toBeGreaterThan(40)
      },
      60_000,
    )
  })
})
