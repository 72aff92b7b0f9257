import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONNECTED } from '../conformance/leg.ts'
import { type Stand, startStand } from '../conformance/stand.ts'
import { type ServedFixture, serveHttp } from '../fixture/conformance/serve-http.ts'
import { runFixtureScript } from './fixture-script.ts'
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

async function transcribe(connect: Connect, address: Address, prefix = ''): Promise<Transcript['entries']> {
  const peer = await connect(address)
  try {
    return (await runFixtureScript(peer, prefix)).entries
  } finally {
    await peer.close()
  }
}

describe.each(CLIENTS)('The official client, %s', (_name, connect) => {
  beforeAll(async () => {
    stand ??= await startStand()
    fixture ??= await serveHttp('both')
  })

  it.each(CONNECTED)(
    'sees the same of a server of the $era era over $transport as without a gateway',
    async ({ alias }) => {
      const { url, token } = stand.gateway

      const direct = await transcribe(connect, { url: fixture.url, token: undefined })
      const relayed = await transcribe(connect, { url: `${url}/mcp/s/${alias}`, token })

      expect(relayed).toEqual(direct)
    },
    60_000,
  )
})

afterAll(async () => {
  fixture?.close()
  await stand?.stop()
})
