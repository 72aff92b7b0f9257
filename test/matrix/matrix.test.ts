import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gateway } from '../conformance/gateway.ts'
import { examine } from './examine.ts'
import { commandOf } from './install.ts'
import { bundledServers } from './real-servers.ts'
import { type Runnable, startMatrixGateway } from './run-matrix.ts'

const dir = mkdtempSync(join(tmpdir(), 'gatehouse-real-'))
const files = join(dir, 'files')
const servers = bundledServers(files)
let runnables: Runnable[]
let gateway: Gateway

describe('A real server from the registry', () => {
  beforeAll(async () => {
    mkdirSync(files)
    const modules = resolve('node_modules')
    runnables = await Promise.all(servers.map(async (server) => ({ server, command: await commandOf(server, modules) })))
    gateway = await startMatrixGateway(dir, runnables)
  })
  afterAll(async () => {
    await gateway?.child.stop()
    rmSync(dir, { recursive: true })
  })

  it.concurrent.each(servers.map((server) => [server.package, server.alias]))(
    '%s is listed to the byte, and again after a restart and after its process was killed',
    async (_name, alias) => {
      const { server, command } = runnables.find((runnable) => runnable.server.alias === alias)!

      const row = await examine(server, command, gateway)

      expect(row).toMatchObject({ lists: [], afterRestart: [], afterKill: [] })
      expect(row.counts.tools).toBeGreaterThan(0)
    },
    90_000,
  )
})
