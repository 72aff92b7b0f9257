import { readFileSync } from 'node:fs'
import { until } from '../bench/mcp/until.ts'
import { descendantsOf } from '../cli/processes.ts'
import type { Gateway } from '../conformance/gateway.ts'
import { connect } from '../mcp/server/client.ts'
import type { Command } from './install.ts'
import { type MatrixRow, measure } from './matrix-row.ts'
import { differences, type Offer, readOffer } from './offer.ts'
import type { RealServer } from './real-servers.ts'
import { openStdio } from './stdio-client.ts'

/** Variable by which a server's process is known again: some of them change their command line. */
export const MARK = 'GATEHOUSE_MATRIX'

/**
 * Compare what a server lists with what the gateway lists of it, and again after a restart and after its process was killed.
 *
 * @throws Error when it does not come back
 */
export async function examine(server: RealServer, command: Command, gateway: Gateway): Promise<MatrixRow> {
  const { revision, offer } = await readDirect(command)
  const compare = async (): Promise<string[]> => differences(offer, await readThrough(gateway, server.alias))
  const lists = await compare()
  await restart(gateway, server.alias)
  const afterRestart = await compare()
  await kill(gateway, server.alias)
  return { server, revision, ...measure(offer), lists, afterRestart, afterKill: await compare() }
}

async function readDirect(command: Command): Promise<{ revision: string; offer: Offer }> {
  const client = await openStdio(command)
  try {
    const offer = await readOffer(client.request)
    return { revision: String(client.introduction['protocolVersion']), offer }
  } finally {
    await client.stop()
  }
}

async function readThrough({ url, token }: Gateway, alias: string): Promise<Offer> {
  const session = await connect(`${url}/mcp/s/${alias}`, token)
  const offer = await readOffer(async (method, params) => {
    const { result, error } = await session.request(method, params)
    if (error !== undefined) throw new Error(JSON.stringify(error))
    return result
  })
  await session.end()
  return offer
}

async function restart(gateway: Gateway, alias: string): Promise<void> {
  await rest(gateway, alias, '/restart', 'POST')
  await connected(gateway, alias)
}

async function kill(gateway: Gateway, alias: string): Promise<void> {
  const since = (await rest(gateway, alias)).since
  const own = descendantsOf(gateway.child.pid).filter((pid) => environmentOf(pid).includes(`${MARK}=${alias}\0`))
  if (own.length === 0) throw new Error(`${alias} runs in no process of the gateway`)
  for (const pid of own) process.kill(pid, 'SIGKILL')
  await until(`${alias} to be noticed as gone`, async () => (await rest(gateway, alias)).since !== since)
  await connected(gateway, alias)
}

const connected = (gateway: Gateway, alias: string): Promise<void> =>
  until(`${alias} to be connected`, async () => (await rest(gateway, alias)).state === 'connected')

async function rest({ url, token }: Gateway, alias: string, path = '', method = 'GET'): Promise<any> {
  const response = await fetch(`${url}/api/upstreams/${alias}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${method} ${alias}${path} answered ${response.status}: ${await response.text()}`)
  return response.json()
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
