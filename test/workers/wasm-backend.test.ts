import { openWasmBackend } from '../../workers/function/wasm-backend.ts'
import { describeBackend } from './backend.conformance.ts'
import { MODULES } from './module.programs.ts'
import { JAVASCRIPT, TYPESCRIPT } from './script.programs.ts'

describeBackend('JavaScript in QuickJS', { language: 'javascript', open: openWasmBackend, programs: JAVASCRIPT })
describeBackend('TypeScript in QuickJS', { language: 'typescript', open: openWasmBackend, programs: TYPESCRIPT })
describeBackend('a WASI command', { language: 'wasm', open: openWasmBackend, programs: MODULES })
