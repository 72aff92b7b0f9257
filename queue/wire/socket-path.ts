import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Unix sockets take a little more than this (108 on Linux, 104 on macOS). */
const MAX_PATH_BYTES = 100

/** Where the front of a data folder listens for its workers: in the folder, or under a name of its own where that path is too long. */
export function socketPathOf(dataDir: string): string {
  const inside = join(dataDir, 'queue.sock')
  if (Buffer.byteLength(inside) <= MAX_PATH_BYTES) return inside
  const hash = createHash('sha256').update(inside).digest('hex').slice(0, 24)
  return join(tmpdir(), `gatehouse-${hash}.sock`)
}
