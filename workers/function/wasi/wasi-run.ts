import type { Host, Invocation } from '../backend.ts'
import { diceOf } from '../dice.ts'
import { GatheredBytes } from './gathered-bytes.ts'
import { LineCutter } from './line-cutter.ts'

/** The module called `proc_exit`. */
export class ProcessExit extends Error {
  override readonly name = 'ProcessExit'
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** The module wrote more than it may. */
export class OutputFull extends Error {
  override readonly name = 'OutputFull'
}

/** One run of a WASI command: its streams, clock and dice. */
export class WasiRun {
  /** What went to the error stream last. */
  lastLine = ''
  #memory: WebAssembly.Memory | undefined
  readonly #input: Uint8Array
  #readAt = 0
  readonly #output = new GatheredBytes()
  readonly #maxOutputBytes: number
  readonly #lines: LineCutter
  readonly #nowMs: number | null
  readonly #startedAt = performance.now()
  readonly #dice: () => number

  constructor({ program, input, nowMs, seed }: Invocation, host: Host) {
    this.#input = Buffer.from(input)
    this.#maxOutputBytes = program.limits.maxOutputBytes
    this.#nowMs = nowMs
    this.#dice = diceOf(seed)
    this.#lines = new LineCutter((line) => {
      this.lastLine = line
      host.log('info', line)
    })
  }

  set memory(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  get memoryBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0
  }

  /** Anew each time, because the memory moves when it grows. */
  get view(): DataView {
    return new DataView(this.#buffer)
  }

  /** @throws RangeError outside the memory */
  bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.#buffer, at >>> 0, count >>> 0)
  }

  /** A start section runs before anybody has the memory. */
  get #buffer(): ArrayBuffer {
    if (!this.#memory) throw new RangeError('The module has no memory yet.')
    return this.#memory.buffer as ArrayBuffer
  }

  read(into: Uint8Array): number {
    const chunk = this.#input.subarray(this.#readAt, this.#readAt + into.length)
    into.set(chunk)
    this.#readAt += chunk.length
    return chunk.length
  }

  write(stream: 1 | 2, bytes: Uint8Array): number {
    if (stream === 2) this.#lines.write(bytes)
    else this.#print(bytes)
    return bytes.length
  }

  timeNs(clock: number): bigint {
    if (clock === 0) return BigInt(this.#nowMs ?? Date.now()) * 1_000_000n
    return this.#nowMs === null ? BigInt(Math.round((performance.now() - this.#startedAt) * 1_000_000)) : 0n
  }

  roll(into: Uint8Array): void {
    for (let index = 0; index < into.length; index += 1) into[index] = this.#dice() * 256
  }

  exit(code: number): never {
    throw new ProcessExit(code)
  }

  /** All that was printed; the last line of the error stream is handed over too. */
  end(): string {
    this.#lines.end()
    return this.#output.take()
  }

  #print(bytes: Uint8Array): void {
    if (this.#output.length + bytes.length > this.#maxOutputBytes) throw new OutputFull()
    this.#output.append(bytes)
  }
}
