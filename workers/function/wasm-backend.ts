import type { Backend } from './backend.ts'
import { runScript } from './quickjs/run-script.ts'

/** The default: everything inside the thread. JavaScript and TypeScript in QuickJS, which is WASM itself, and compiled WASM modules. */
export const wasmBackend: Backend = {
  name: 'wasm',
  languages: ['javascript', 'typescript', 'wasm'],
  check: async () => [],
  run: async (invocation, host) => runScript(invocation, host),
}
