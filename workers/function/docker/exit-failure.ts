import type { Failed } from '../backend.ts'
import { failed, OUT_OF_MEMORY } from '../outcome.ts'

/** 128 + SIGKILL: nobody but the kernel sends that to a container that we did not end, and it does so for memory. */
const KILLED = 137
const V8_OUT_OF_MEMORY = 'heap out of memory'

/** What it means that a program ended without a result. */
export function exitFailure(code: number | null, lastWords: string): Failed {
  if (code === KILLED || lastWords.includes(V8_OUT_OF_MEMORY) || lastWords.includes('MemoryError')) return OUT_OF_MEMORY
  const how = code === null ? 'ended' : `ended with exit code ${code}`
  const words = lastWords.trim().split('\n').at(-1)
  return failed('crash', `The program ${how} before it gave a result${words ? `; its last words: ${words.slice(0, 500)}` : '.'}`)
}
