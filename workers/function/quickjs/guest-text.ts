import type { Box, QuickjsAbi } from './abi.ts'

/** The engine has no memory for what the host wants to put there. */
export class EngineFull extends Error {
  override readonly name = 'EngineFull'
}

/** What a guest threw and nobody in it caught. */
export class GuestError extends Error {
  override readonly name = 'GuestError'
  /** The guest's own name of it; empty where it is no error. */
  readonly kind: string
  readonly guestStack: string

  constructor(kind: string, message: string, guestStack: string) {
    super(message)
    this.kind = kind
    this.guestStack = guestStack
  }
}

const MAX_MESSAGE_BYTES = 4_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text and lists on their way into an engine and out of it. */
export class GuestText {
  readonly #abi: QuickjsAbi

  constructor(abi: QuickjsAbi) {
    this.#abi = abi
  }

  /** Lay a text into the engine's memory (with a 0 behind it) for as long as `use` takes. */
  lend(text: string, use: (at: number, bytes: number) => number): number {
    const { at, bytes } = this.give(text)
    const result = use(at, bytes)
    this.#abi.wasm_free(at)
    return result
  }

  /** The same, for the engine to keep. */
  give(text: string): { readonly at: number; readonly bytes: number } {
    // Three bytes hold any UTF-16 unit; only long texts are worth a second look at their size.
    const size = text.length < 4_096 ? text.length * 3 : Buffer.byteLength(text)
    const at = this.#allocate(size + 1)
    const memory = new Uint8Array(this.#abi.memory.buffer, at, size + 1)
    const { written } = encoder.encodeInto(text, memory)
    memory[written] = 0
    return { at, bytes: written }
  }

  /** A text as a value of the guest. */
  write(text: string): Box {
    return this.lend(text, (at, bytes) => this.#abi.qjs_new_string(at, bytes))
  }

  /** Addresses one after another. */
  list(addresses: readonly number[]): number {
    const at = this.#allocate(addresses.length * 4)
    new Uint32Array(this.#abi.memory.buffer, at, addresses.length).set(addresses)
    return at
  }

  /** Read a text that ends in 0. */
  readName(at: number): string {
    const memory = new Uint8Array(this.#abi.memory.buffer)
    return decoder.decode(memory.subarray(at, memory.indexOf(0, at)))
  }

  /** Read a text of the guest, or its beginning. @throws EngineFull */
  read(value: Box, maxBytes: number): string {
    const bytesOut = this.#allocate(4)
    const at = this.#abi.qjs_get_string_len(value, bytesOut)
    if (at === 0) throw new EngineFull()
    const bytes = new DataView(this.#abi.memory.buffer).getUint32(bytesOut, true)
    const text = decoder.decode(new Uint8Array(this.#abi.memory.buffer, at, Math.min(bytes, maxBytes)))
    this.#abi.qjs_free_cstring(at)
    this.#abi.wasm_free(bytesOut)
    return text
  }

  /** What was thrown. Reading it may run code of the guest. */
  error(thrown: Box): Error {
    const message = this.#property(thrown, 'message')
    const kind = this.#property(thrown, 'name')
    if (message === '' && kind === '')
      return this.#isText(thrown) ? new GuestError('', this.read(thrown, MAX_MESSAGE_BYTES), '') : new EngineFull()
    return new GuestError(kind, message, this.#property(thrown, 'stack'))
  }

  #property(object: Box, name: string): string {
    const value = this.lend(name, (at) => this.#abi.qjs_get_prop_string(object, at))
    return this.#isText(value) ? this.read(value, MAX_MESSAGE_BYTES) : ''
  }

  #isText(value: Box): boolean {
    return this.#abi.qjs_is_string(value) !== 0
  }

  #allocate(bytes: number): number {
    const at = this.#abi.wasm_malloc(bytes)
    if (at === 0) throw new EngineFull()
    return at
  }
}
