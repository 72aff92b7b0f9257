import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openUpstreams } from './open-upstreams.ts'

const http = (url: string): object => ({ transport: 'http', url, connectTimeoutMs: 2_000 })

/** A server of loopback that counts who comes. */
async function openCounter() {
  let heard = 0
  const server = createServer((_, reply) => {
    heard += 1
    reply.writeHead(500).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, heard: () => heard }
}

/** Why an upstream is not connected. */
async function lastError(url: string, egress: object): Promise<string> {
  const { until } = await openUpstreams({ one: http(url) }, {}, { egress })
  return (await until('one', 'error')).lastError
}

it('lets an upstream lie on this machine where the configuration says nothing else', async () => {
  const { url, heard } = await openCounter()

  expect(await lastError(url, {})).toContain('500')
  expect(heard()).toBeGreaterThan(0)
})

it('keeps upstreams to the rules for everybody where the configuration wants that', async () => {
  const { url, heard } = await openCounter()

  expect(await lastError(url, { upstreams: 'guarded' })).toContain('plain HTTP')
  expect(heard()).toBe(0)
})

it.each(['http://169.254.169.254/mcp', 'http://[fd00:ec2::254]/mcp', 'http://[::ffff:a9fe:a9fe]/mcp'])(
  'never connects an upstream at %s',
  async (url) => {
    expect(await lastError(url, {})).toContain('a metadata address, which the gateway does not reach')
  },
)
