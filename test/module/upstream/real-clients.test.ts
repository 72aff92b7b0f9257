import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openUpstreams, programOf, testClient } from './open-upstreams.ts'

const EVERYTHING = programOf('@modelcontextprotocol/server-everything')

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-roots-')))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('a real server', () => {
  it('works in the folders that the client of each session names', async () => {
    const [own, clients, later] = [newFolder(), newFolder(), newFolder()]
    const program = programOf('@modelcontextprotocol/server-filesystem')
    const house = await openUpstreams({ files: { command: 'node', args: [program, own] } })
    await house.until('files', 'connected')
    let root = clients
    const client = testClient({ roots: { listChanged: true } }, () => ({ roots: [{ uri: pathToFileURL(root).href }] }))
    const allowed = () => house.callText('files__list_allowed_directories', {}, { client, ask: client.ask })

    await vi.waitFor(async () => expect(await allowed()).toContain(clients), { timeout: 10_000 })
    expect(await allowed()).not.toContain(own)
    root = later
    house.gatehouse.events.publish('roots_changed', { sessionKey: 'test' })
    await vi.waitFor(async () => expect(await allowed()).toContain(later), { timeout: 10_000 })
    expect(await house.callText('files__list_allowed_directories', {}, { sessionKey: 'no roots' })).toContain(own)
  })

  it('asks for samples and forms, and offers the tools that do because somebody can be asked', async () => {
    const house = await openUpstreams({ all: { command: 'node', args: [EVERYTHING] } })
    await house.until('all', 'connected')
    const client = testClient({ sampling: {}, elicitation: {} }, (method) =>
      method === 'sampling/createMessage'
        ? { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled' } }
        : { action: 'decline' },
    )
    const call = (name: string, args: object) => house.call(`all__${name}`, args, { client, ask: client.ask })

    expect(JSON.stringify(await call('trigger-sampling-request', { prompt: 'x' }))).toContain('sampled')
    expect(JSON.stringify(await call('trigger-elicitation-request', {}))).toContain('declined')
    expect(client.asked.map(({ method }) => method)).toEqual(['sampling/createMessage', 'elicitation/create'])
  })

  it.each(['http', 'sse'])('of before 2025-03-26 is spoken to where the transport is %s', async (transport) => {
    const port = await freePort()
    const child = spawn(process.execPath, [EVERYTHING, 'sse'], { env: { PORT: String(port) }, stdio: 'ignore' })
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    const house = await openUpstreams({ all: { transport, url: `http://127.0.0.1:${port}/sse` } })
    const upstream = await house.until('all', 'connected')

    expect(upstream).toMatchObject({ era: 'session', transport })
    expect(await house.callText('all__echo', { message: 'hello' })).toContain('hello')
    await house.close()
  })
})
