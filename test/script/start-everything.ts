import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Child, startChild } from '../bench/child.ts'
import { freePort } from '../bench/mcp/free-port.ts'
import { portOpen } from '../bench/mcp/until.ts'

/** Start the reference server `server-everything` over HTTP. */
export async function startEverything(): Promise<{ readonly url: string; readonly child: Child }> {
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')
  const port = await freePort()
  const child = startChild([join(dirname(manifest), 'dist/index.js'), 'streamableHttp'], { ...process.env, PORT: String(port) })
  await portOpen(port)
  return { url: `http://127.0.0.1:${port}/mcp`, child }
}
