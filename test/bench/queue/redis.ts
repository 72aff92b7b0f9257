import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { startChild } from '../child.ts'
import { freePort } from '../mcp/free-port.ts'

const SCRIPT = fileURLToPath(new URL('process/redis.ts', import.meta.url))

/** Start Redis on a free port, with its append-only file synced every second. @returns undefined where it, or BullMQ's way to it, is not here */
export async function startRedis(dir: string): Promise<number | undefined> {
  if (!isInstalled('ioredis')) return undefined
  const port = await freePort()
  const [line] = await startChild([SCRIPT, String(port), dir]).line(/Ready to accept connections|no redis/)
  return line === 'no redis' ? undefined : port
}

function isInstalled(name: string): boolean {
  try {
    return createRequire(import.meta.url).resolve(name) !== ''
  } catch {
    return false
  }
}
