import type { Box, QuickjsAbi } from './abi.ts'
import type { GuestHost, Settlement } from './guest-host.ts'
import type { GuestText } from './guest-text.ts'

/** An engine from the side of its imports. */
interface Inside {
  readonly abi: QuickjsAbi
  readonly text: GuestText
}

const WASI_OK = 0
const WASI_NOT_SUPPORTED = 52
/** Longer names, lines and messages are cut. */
const MAX_WORD_BYTES = 4_000
const MAX_LINE_BYTES = 65_536
/** Arguments of a tool. One byte more than may be, so that what is too long is seen to be; so it is with outputs. */
export const MAX_ARGS_BYTES = 1_048_576

/**
 * What `quickjs.wasm` imports: a clock, and the calls of the prelude. It has no files, no network and no dice of the machine.
 *
 * What is thrown here passes through the engine and ends the run; the engine is put back afterwards in any case.
 */
export function engineImports(
  inside: () => Inside,
  host: () => GuestHost,
  relax: () => void,
  requireTime: () => void,
): WebAssembly.Imports {
  const calls = callsOf(inside, host, relax)
  return {
    env: {
      host_call: (name: number, _nameBytes: number, _self: Box, count: number, args: number): Box => {
        const { abi } = inside()
        const boxes = Array.from(new Uint32Array(abi.memory.buffer, args, count))
        const call = calls[String.fromCharCode(new Uint8Array(abi.memory.buffer)[name]!)]!
        return call(boxes) ?? abi.qjs_get_undefined()
      },
      host_interrupt: () => {
        requireTime()
        return 0
      },
      host_promise_rejection: (promise: Box, reason: Box) => {
        inside().abi.qjs_free_value(promise)
        inside().abi.qjs_free_value(reason)
      },
      host_module_normalize: (_base: number, name: number) => inside().text.give(inside().text.readName(name)).at,
      host_module_load: (name: number, bytesOut: number) => {
        const { abi, text } = inside()
        const { at, bytes } = text.give(host().source(text.readName(name)))
        new DataView(abi.memory.buffer).setUint32(bytesOut, bytes, true)
        return at
      },
      host_get_timezone_offset: () => 0,
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, out: number): number => {
        new DataView(inside().abi.memory.buffer).setBigUint64(out, BigInt(host().nowMs()) * 1_000_000n, true)
        return WASI_OK
      },
      fd_close: () => WASI_NOT_SUPPORTED,
      fd_fdstat_get: () => WASI_NOT_SUPPORTED,
      fd_seek: () => WASI_NOT_SUPPORTED,
      fd_write: () => WASI_NOT_SUPPORTED,
      random_get: () => WASI_NOT_SUPPORTED,
    },
  }
}

/** By the first letter of the names that the engine gives its host functions. */
function callsOf(
  inside: () => Inside,
  host: () => GuestHost,
  relax: () => void,
): Readonly<Record<string, (args: readonly Box[]) => Box | undefined>> {
  const word = (box: Box | undefined, maxBytes = MAX_WORD_BYTES): string => inside().text.read(box!, maxBytes)
  const nothing = (act: (args: readonly Box[]) => void) => (args: readonly Box[]) => void act(args) as undefined
  return {
    l: nothing(([level, line]) => host().log(word(level), word(line, MAX_LINE_BYTES))),
    a: nothing(([id, name, args]) => host().ask(word(id), word(name), word(args, MAX_ARGS_BYTES + 1))),
    r: () => inside().abi.qjs_new_number(host().random()),
    s: nothing(([kind, text, name, stack]) => {
      const isOutput = word(kind) === 'done'
      host().settle({
        kind: word(kind) as Settlement['kind'],
        text: word(text, isOutput ? host().maxOutputBytes + 1 : MAX_WORD_BYTES),
        name: word(name),
        stack: word(stack),
      })
    }),
    x: nothing(relax),
  }
}
