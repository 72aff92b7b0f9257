import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

const ENV = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }

// A terminal that is gone answers like this, too, with another code. Only Linux and BSD have the device.
test.skipIf(!existsSync('/dev/full'))(
  'a log that can be written no more neither stops the gateway nor keeps it from stopping',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-log-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const port = await freePort()
    const full = openSync('/dev/full', 'w')

    const gatehouse = spawn(process.execPath, [resolve('dist/src/main.js'), 'start', '--port', String(port)], {
      cwd: folder,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...ENV },
      stdio: ['ignore', 'ignore', full],
    })
    const exited = once(gatehouse, 'exit')
    const ready = () => fetch(`http://127.0.0.1:${port}/ready`)
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: 20_000, interval: 50 })
    gatehouse.kill('SIGTERM')

    expect(await exited).toEqual([0, null])
    closeSync(full)
  },
)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
