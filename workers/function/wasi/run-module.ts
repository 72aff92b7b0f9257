import { judgeInTime, OutOfTime } from '../../../src/core/schema/judge-in-time.ts'
import type { Failed, Host, Invocation, Outcome } from '../backend.ts'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { failed, OUT_OF_MEMORY, outputTooLarge, printedOutput, TIMED_OUT } from '../outcome.ts'
import { ModuleError, moduleOf } from './module-of.ts'
import { wasiImports } from './wasi-imports.ts'
import { OutputFull, ProcessExit, WasiRun } from './wasi-run.ts'

/** A module that ends by a trap with less than this share of its memory left had asked for more, most likely: it does not say. */
const NEARLY = 0.9

/** Run a WASI command once: input on its standard input, output from its standard output. */
export async function runModule(invocation: Invocation, host: Host): Promise<Outcome> {
  const { limits } = invocation.program
  let module: WebAssembly.Module
  try {
    module = await moduleOf(invocation.program, () => invocation.source())
  } catch (thrown) {
    if (thrown instanceof ModuleError) return failed('compile', thrown.message)
    throw thrown
  }
  const run = new WasiRun(invocation, host)
  try {
    judgeInTime(() => start(module, run), Math.max(1, Math.ceil(host.deadline - Date.now())))
    return printedOutput(run.end(), limits.maxOutputBytes)
  } catch (thrown) {
    const printed = run.end()
    if (thrown instanceof ProcessExit && thrown.code === 0) return printedOutput(printed, limits.maxOutputBytes)
    if (thrown instanceof OutputFull) return outputTooLarge(limits.maxOutputBytes)
    if (thrown instanceof OutOfTime) return TIMED_OUT
    const isFull = run.memoryBytes > NEARLY * Math.min(limits.memoryBytes, MAX_MEMORY_BYTES)
    return isFull ? OUT_OF_MEMORY : failureOf(thrown, run)
  }
}

function start(module: WebAssembly.Module, run: WasiRun): void {
  const { exports } = new WebAssembly.Instance(module, wasiImports(run))
  run.memory = exports['memory'] as WebAssembly.Memory
  const main = exports['_start'] as () => void
  main()
}

function failureOf(thrown: unknown, { lastLine }: WasiRun): Failed {
  const said = lastLine === '' ? '' : `: ${lastLine.slice(0, 1_000)}`
  if (thrown instanceof ProcessExit) return failed('thrown', `The module ended with exit code ${thrown.code}${said}`)
  return failed('crash', `The module was stopped by a trap (${thrown instanceof Error ? thrown.message : 'unknown'})${said}`)
}
