import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes by name. */
export interface Blobs {
  write(name: string, bytes: Buffer): Promise<void>
  /** At most `limitBytes` from `offset` on. */
  read(name: string, offset: number, limitBytes: number): Promise<Buffer>
  remove(name: string): Promise<void>
}

/** One file each, readable by nobody else on the machine. */
export function createFileBlobs(folder: string): Blobs {
  const file = (name: string): string => join(folder, name)
  return {
    async write(name, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(file(name), bytes, { mode: 0o600 })
    },
    async read(name, offset, limitBytes) {
      const handle = await open(file(name))
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(limitBytes), 0, limitBytes, offset)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    remove: (name) => rm(file(name), { force: true }),
  }
}

/** For a house without a data folder. */
export function createMemoryBlobs(): Blobs {
  const kept = new Map<string, Buffer>()
  return {
    async write(name, bytes) {
      kept.set(name, bytes)
    },
    read: async (name, offset, limitBytes) => kept.get(name)?.subarray(offset, offset + limitBytes) ?? Buffer.alloc(0),
    async remove(name) {
      kept.delete(name)
    },
  }
}
