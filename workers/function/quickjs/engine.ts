import { OutOfTime } from '../../../src/core/schema/judge-in-time.ts'
import type { Box, QuickjsAbi } from './abi.ts'
import { engineImports } from './engine-imports.ts'
import { engineModule } from './engine-module.ts'
import { type GuestHost, NOBODY } from './guest-host.ts'
import { EngineFull, GuestText } from './guest-text.ts'
import { type Image, putImage, takeImage } from './image.ts'
import { PRELUDE } from './prelude.ts'

/** The name of the author's module in stacks. */
export const MODULE_NAME = 'function'
/** The name of the prelude there: no place that its author could look at. */
const PRELUDE_NAME = 'gatehouse'
/** What {@link Engine.link} asks its host for first: a module that throws. */
export const STOP_NAME = 'stop'

/** The stack lies at the bottom of the memory and is empty between calls. */
const STACK_BYTES = 1_048_576
/** The engine's own guard; beyond it a guest gets a RangeError. */
const MAX_STACK_BYTES = 262_144
/** Memory that the engine has before a guest begins, so that most guests never make it grow. */
const HEADROOM_BYTES = 1_048_576
/** What a guest that ran out of memory is given to say so. */
const RELIEF_BYTES = 1_048_576
/** Without `performance`, which would be a clock. `quickjs-wasi`: Intrinsics. */
const INTRINSICS = 0xffffffff & ~1024
const EVAL_SCRIPT = 0
const EVAL_MODULE = 1

/**
 * One instance of QuickJS in WASM, which runs one guest after another.
 *
 * All its state is its memory and its stack pointer (the module has no other mutable global but the meter's, and changes no table), so putting an image back
 * makes it new in some ten microseconds. An engine whose memory grew cannot be made small again, and is to be thrown away.
 */
export class Engine {
  readonly #abi: QuickjsAbi
  readonly #text: GuestText
  readonly #base: Image
  readonly #entry: Box
  readonly #undefined: Box
  readonly #bytes: number
  #memoryBytes = 0
  #host: GuestHost = NOBODY
  /** By the steady clock. */
  #stopAt = Number.POSITIVE_INFINITY

  constructor() {
    const imports = engineImports(
      () => ({ abi: this.#abi, text: this.#text }),
      () => this.#host,
      () => this.#relax(),
      () => this.#requireTime(),
    )
    this.#abi = new WebAssembly.Instance(engineModule(), imports).exports as unknown as QuickjsAbi
    this.#text = new GuestText(this.#abi)
    this.#abi._initialize()
    if (this.#abi.qjs_init2(INTRINSICS) !== 0) throw new EngineFull()
    this.#abi.qjs_set_max_stack_size(MAX_STACK_BYTES)
    this.#abi.qjs_set_interrupt_handler(1)
    this.#undefined = this.#abi.qjs_get_undefined()
    this.#entry = this.#open()
    this.#abi.wasm_free(this.#abi.wasm_malloc(HEADROOM_BYTES))
    this.#bytes = this.#abi.memory.buffer.byteLength
    this.#base = this.image()
  }

  /** Whether it can be used again. */
  get isReusable(): boolean {
    return this.#abi.memory.buffer.byteLength === this.#bytes
  }

  /** Begin anew: with an image, or with nothing but the prelude. */
  begin(host: GuestHost, memoryBytes: number, image: Image = this.#base): void {
    putImage(new Uint8Array(this.#abi.memory.buffer), image)
    this.#abi.__stack_pointer.value = STACK_BYTES
    this.#abi.qjs_set_memory_limit(memoryBytes)
    this.#memoryBytes = memoryBytes
    this.#host = host
  }

  /** All state at this moment, for {@link begin}: put back, what happened since has not happened. Only between calls. */
  image(): Image {
    if (this.#abi.__stack_pointer.value !== STACK_BYTES) throw new TypeError('The engine is in the middle of a call.')
    return takeImage(new Uint8Array(this.#abi.memory.buffer), STACK_BYTES)
  }

  /** Evaluate the author's module, up to where it waits for something. Its host hears how that ended. @throws GuestError where it cannot be compiled */
  load(code: string): void {
    const module = this.#eval(code, EVAL_MODULE)
    this.#enter([this.#text.write('load'), module])
  }

  /**
   * Compile and link the author's module without evaluating it. What it imports is asked of the host, who answers with source.
   *
   * @throws GuestError where it cannot be compiled, or exports no default
   */
  link(): void {
    this.#abi.qjs_set_module_loader(1)
    // Links everything before it evaluates anything, and evaluates its first import first, which ends it.
    const check = `import '${STOP_NAME}'\nimport main from '${MODULE_NAME}'`
    this.#abi.qjs_free_value(this.#eval(check, EVAL_MODULE, 'check'))
  }

  /** Take a step: the prelude knows which there are. */
  step(...words: readonly string[]): void {
    this.#enter(words.map((word) => this.#text.write(word)))
  }

  /** Let everything happen that can happen by now, until `isOver`. */
  drain(isOver: () => boolean): void {
    while (!isOver() && this.#abi.qjs_is_job_pending()) {
      this.#requireTime()
      if (this.#abi.qjs_execute_pending_job() < 0) this.#throw()
    }
  }

  /**
   * Let it do something, but not for longer than this. What it was stopped in is not over: it cannot be used again.
   *
   * @throws OutOfTime when it was stopped, and whatever `work` throws
   */
  inTime<T>(work: () => T, limitMs: number): T {
    this.#stopAt = performance.now() + limitMs
    try {
      return work()
    } finally {
      this.#stopAt = Number.POSITIVE_INFINITY
    }
  }

  /** Forget whom it runs for. */
  end(): void {
    this.#host = NOBODY
  }

  #open(): Box {
    const names = ['log', 'ask', 'random', 'settle', 'xrelax']
    const prelude = this.#eval(PRELUDE, EVAL_SCRIPT, PRELUDE_NAME)
    return this.#call(
      prelude,
      names.map((name) => this.#text.lend(name, (at, bytes) => this.#abi.qjs_new_host_function(at, bytes, 0))),
    )
  }

  #eval(code: string, flags: number, name = MODULE_NAME): Box {
    return this.#text.lend(code, (at, bytes) =>
      this.#text.lend(name, (nameAt) => this.#checked(this.#abi.qjs_eval(at, bytes, nameAt, flags))),
    )
  }

  #enter(args: readonly Box[]): void {
    this.#abi.qjs_free_value(this.#call(this.#entry, args))
  }

  #call(callee: Box, args: readonly Box[]): Box {
    const list = this.#text.list(args)
    const result = this.#abi.qjs_call(callee, this.#undefined, args.length, list)
    this.#abi.wasm_free(list)
    for (const arg of args) this.#abi.qjs_free_value(arg)
    return this.#checked(result)
  }

  #checked(result: Box): Box {
    if (this.#abi.qjs_is_exception(result) !== 0) this.#throw()
    return result
  }

  #throw(): never {
    throw this.#text.error(this.#abi.qjs_get_exception())
  }

  #requireTime(): void {
    if (performance.now() >= this.#stopAt) throw new OutOfTime('The engine was stopped.')
  }

  #relax(): void {
    this.#abi.qjs_set_memory_limit(this.#memoryBytes + RELIEF_BYTES)
  }
}
