import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { capMemory, PAGE_BYTES } from '../wasi/cap-memory.ts'
import { meterModule } from '../wasi/meter-module.ts'

const require = createRequire(import.meta.url)

/** Beside what a function may take, the engine holds its own tables, its stack, and texts on their way in and out. */
const OVERHEAD_BYTES = 33_554_432

/**
 * The engine asks `host_interrupt` itself while it interprets, of its own account; with the meter it does so from all other loops as well. Less than
 * a tenth of a millisecond lies between two questions.
 */
const METER = { question: 'host_interrupt', turns: 8_191, interpreterWays: 200 }

let compiled: WebAssembly.Module | undefined

/** The engine, compiled once per thread. Its memory cannot grow beyond what any function may have, even where its own accounts were wrong. */
export function engineModule(): WebAssembly.Module {
  const maxPages = (MAX_MEMORY_BYTES + OVERHEAD_BYTES) / PAGE_BYTES
  compiled ??= new WebAssembly.Module(
    meterModule(capMemory(readFileSync(require.resolve('quickjs-wasi/quickjs.wasm')), maxPages), METER),
  )
  return compiled
}
