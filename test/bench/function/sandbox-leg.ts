import { createHash } from 'node:crypto'
import { openWasmBackend } from '../../../workers/function/wasm-backend.ts'
import type { Leg } from './leg.ts'
import { INPUT, SOURCE } from './workload.ts'

/** Limits of the sandbox in every measurement. */
const LIMITS = { memoryBytes: 33_554_432, timeoutMs: 1_000, maxOutputBytes: 65_536, maxLogBytes: 65_536 }

const NO_SIGNAL = new AbortController().signal

/** Run any source in this process, as a worker's thread would. */
export async function openSandbox(timeoutMs = LIMITS.timeoutMs) {
  const backend = await openWasmBackend()
  return async (source: string, input: string) => {
    const hash = createHash('sha256').update(source).digest('hex')
    const limits = { ...LIMITS, timeoutMs }
    return await backend.run(
      {
        program: { hash, language: 'javascript', backend: 'wasm', image: null, limits },
        source: async () => source,
        input,
        nowMs: null,
        seed: null,
      },
      { signal: NO_SIGNAL, deadline: Date.now() + timeoutMs, log: () => {}, callTool: async () => 'null' },
    )
  }
}

/** The sandbox alone, with a state that is new for each run. */
export async function sandboxLeg(): Promise<Leg> {
  const run = await openSandbox()
  return {
    name: 'sandbox alone',
    runs: 300,
    warmUpRuns: 5_000,
    async run() {
      const outcome = await run(SOURCE, INPUT)
      return outcome.ok ? outcome.output : outcome.message
    },
    close: async () => {},
  }
}
