import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { TaskContext } from '../../queue/lane.ts'

const Code = z.object({ source: z.string() })

/** Characters of all sources that a thread keeps. */
const MAX_SIZE = 16_777_216

const sources = new LRUCache<string, string>({ maxSize: MAX_SIZE, sizeCalculation: (source) => source.length + 1 })

/**
 * The source with that hash: this thread's own copy, or the front's.
 *
 * @throws TaskAskError where the front has none any more, TypeError where what it sent is another
 */
export async function sourceOf(hash: string, context: TaskContext): Promise<string> {
  const known = sources.get(hash)
  if (known !== undefined) return known
  const { source } = Code.parse(await context.ask('code', { hash }))
  if (createHash('sha256').update(source).digest('hex') !== hash)
    throw new TypeError('The front sent another source than was asked for.')
  sources.set(hash, source)
  return source
}
