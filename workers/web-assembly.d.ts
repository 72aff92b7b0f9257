/**
 * The part of the WebAssembly JavaScript API (https://webassembly.github.io/spec/js-api/) that workers use.
 *
 * TypeScript has it in its library of the browser alone, which would let code for Node name what only a browser has.
 */
declare namespace WebAssembly {
  class CompileError extends Error {}
  class RuntimeError extends Error {}

  class Memory {
    readonly buffer: ArrayBuffer
  }

  interface ValueTypeMap {
    i32: number
  }

  class Global<T extends keyof ValueTypeMap = keyof ValueTypeMap> {
    value: ValueTypeMap[T]
  }

  type ExternKind = 'function' | 'global' | 'memory' | 'table' | 'tag'

  class Module {
    constructor(bytes: BufferSource)
    static exports(module: Module): { readonly name: string; readonly kind: ExternKind }[]
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: ExternKind }[]
  }

  type ImportValue = CallableFunction | Global | Memory | number

  type Imports = Record<string, Record<string, ImportValue>>

  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Record<string, ImportValue>
  }
}

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer
