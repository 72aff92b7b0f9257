import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { capMemory, PAGE_BYTES } from '../wasi/cap-memory.ts'

const require = createRequire(import.meta.url)

/** Beside what a function may take, the engine holds its own tables, its stack, and texts on their way in and out. */
const OVERHEAD_BYTES = 33_554_432

let compiled: WebAssembly.Module | undefined

/** The engine, compiled once per thread. Its memory cannot grow beyond what any function may have, even where its own accounts were wrong. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    capMemory(readFileSync(require.resolve('quickjs-wasi/quickjs.wasm')), (MAX_MEMORY_BYTES + OVERHEAD_BYTES) / PAGE_BYTES),
  )
  return compiled
}
