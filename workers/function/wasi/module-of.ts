import { LRUCache } from 'lru-cache'
import type { FunctionProgram } from '../../../queue/function.lane.ts'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { capMemory, PAGE_BYTES } from './cap-memory.ts'
import { capTables } from './cap-tables.ts'
import { requirePlainTypes } from './require-plain-types.ts'
import { isWasiName, WASI_MODULE } from './wasi-imports.ts'

/** A module that cannot be run as a function; its message says why. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError'
}

const MAX_MODULES = 32
const modules = new LRUCache<string, WebAssembly.Module>({ max: MAX_MODULES })

/** The module of a program, with its memory capped. @throws ModuleError */
export async function moduleOf(program: FunctionProgram, source: () => Promise<string>): Promise<WebAssembly.Module> {
  const maxPages = Math.floor(Math.min(program.limits.memoryBytes, MAX_MEMORY_BYTES) / PAGE_BYTES)
  const key = `${program.hash} ${maxPages}`
  const known = modules.get(key)
  if (known) return known
  const module = compile(await source(), maxPages)
  modules.set(key, module)
  return module
}

function compile(base64: string, maxPages: number): WebAssembly.Module {
  try {
    const bytes = Buffer.from(base64, 'base64')
    requirePlainTypes(bytes)
    const module = new WebAssembly.Module(capTables(capMemory(bytes, maxPages)))
    requireWasiCommand(module)
    return module
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof WebAssembly.CompileError)) throw cause
    throw new ModuleError(cause.message, { cause })
  }
}

function requireWasiCommand(module: WebAssembly.Module): void {
  const foreign = WebAssembly.Module.imports(module).find(
    (one) => one.module !== WASI_MODULE || one.kind !== 'function' || !isWasiName(one.name),
  )
  if (foreign) {
    throw new TypeError(
      `The module imports ${foreign.module}.${foreign.name}, but functions get only the functions of ${WASI_MODULE}.`,
    )
  }
  const exported = WebAssembly.Module.exports(module)
  const has = (name: string, kind: string): boolean => exported.some((one) => one.name === name && one.kind === kind)
  if (!has('_start', 'function'))
    throw new TypeError('The module exports no function _start: build it as a command for wasm32-wasip1.')
  if (!has('memory', 'memory')) throw new TypeError('The module does not export its memory.')
}
