import type { Backend } from './backend.ts'
import { checkScript } from './quickjs/check-script.ts'
import { engines } from './quickjs/engines.ts'
import { runScript } from './quickjs/run-script.ts'
import { checkModule } from './wasi/check-module.ts'
import { runModule } from './wasi/run-module.ts'

/**
 * The default: everything inside the thread. JavaScript and TypeScript in QuickJS, which is WASM itself, and compiled WASM modules.
 *
 * The engine is compiled here, so that the first function has not to wait for it out of its own time.
 */
export async function openWasmBackend(): Promise<Backend> {
  engines.giveBack(engines.take(), true)
  return {
    name: 'wasm',
    languages: ['javascript', 'typescript', 'wasm'],
    check: async (program, source) =>
      program.language === 'wasm' ? await checkModule(program, source) : checkScript(program, source),
    run: (invocation, host) =>
      invocation.program.language === 'wasm' ? runModule(invocation, host) : runScript(invocation, host),
  }
}
