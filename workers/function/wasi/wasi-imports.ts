import type { WasiRun } from './wasi-run.ts'

/** The one module that functions may import from. */
export const WASI_MODULE = 'wasi_snapshot_preview1'

const OK = 0
const BAD_DESCRIPTOR = 8
const FAULT = 21
const INVALID = 28
const NOT_SUPPORTED = 52
const SPIPE = 70
const CHARACTER_DEVICE = 2
/** fd_read, fd_write. */
const RIGHTS = 0b100_0010n

/** What there is no answer to: files, sockets, signals, waiting. Descriptors beyond the three do not exist. */
const REFUSED: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['advise', 'allocate', 'datasync', 'fdstat_set_rights', 'filestat_get', 'filestat_set_size', 'filestat_set_times']
      .concat(['pread', 'prestat_get', 'prestat_dir_name', 'pwrite', 'readdir', 'renumber', 'sync', 'tell', 'fdstat_set_flags'])
      .map((name) => [`fd_${name}`, BAD_DESCRIPTOR]),
  ),
  ...Object.fromEntries(
    ['create_directory', 'filestat_get', 'filestat_set_times', 'link', 'open', 'readlink', 'remove_directory', 'rename']
      .concat(['symlink', 'unlink_file'])
      .map((name) => [`path_${name}`, BAD_DESCRIPTOR]),
  ),
  poll_oneoff: NOT_SUPPORTED,
  proc_raise: NOT_SUPPORTED,
  sock_accept: NOT_SUPPORTED,
  sock_recv: NOT_SUPPORTED,
  sock_send: NOT_SUPPORTED,
  sock_shutdown: NOT_SUPPORTED,
}

type Call = (run: WasiRun, ...args: never[]) => number

/** What there is: three streams, a clock, dice, and the end. Pointers are checked by the views they are read through. */
const CALLS = {
  args_get: () => OK,
  args_sizes_get: (run, count: number, bytes: number) => nothing(run, count, bytes),
  environ_get: () => OK,
  environ_sizes_get: (run, count: number, bytes: number) => nothing(run, count, bytes),
  clock_res_get: (run, clock: number, out: number) => time(run, clock, out, () => 1_000_000n),
  clock_time_get: (run, clock: number, _precision: bigint, out: number) => time(run, clock, out, () => run.timeNs(clock)),
  fd_close: (_run, fd: number) => (fd <= 2 ? OK : BAD_DESCRIPTOR),
  fd_fdstat_get: (run, fd: number, out: number) => {
    if (fd > 2) return BAD_DESCRIPTOR
    const { view } = run
    view.setUint8(out, CHARACTER_DEVICE)
    view.setUint16(out + 2, 0, true)
    view.setBigUint64(out + 8, RIGHTS, true)
    view.setBigUint64(out + 16, 0n, true)
    return OK
  },
  fd_read: (run, fd: number, list: number, count: number, out: number) => {
    if (fd !== 0) return BAD_DESCRIPTOR
    return move(run, list, count, out, (bytes) => run.read(bytes))
  },
  fd_seek: (_run, fd: number) => (fd <= 2 ? SPIPE : BAD_DESCRIPTOR),
  fd_write: (run, fd: number, list: number, count: number, out: number) => {
    if (fd !== 1 && fd !== 2) return BAD_DESCRIPTOR
    return move(run, list, count, out, (bytes) => run.write(fd, bytes))
  },
  proc_exit: (run, code: number) => run.exit(code),
  random_get: (run, at: number, count: number) => {
    run.roll(run.bytes(at, count))
    return OK
  },
  sched_yield: () => OK,
} satisfies Record<string, Call>

/** Whether WASI preview 1 has a function of that name. */
export const isWasiName = (name: string): boolean => Object.hasOwn(CALLS, name) || Object.hasOwn(REFUSED, name)

/** The imports of one run. */
export function wasiImports(run: WasiRun): WebAssembly.Imports {
  const refused = Object.entries(REFUSED).map(([name, code]) => [name, () => code])
  const calls = Object.entries(CALLS as Record<string, Call>).map(([name, call]) => [
    name,
    (...args: never[]) => orFault(() => call(run, ...args)),
  ])
  return { [WASI_MODULE]: Object.fromEntries([...refused, ...calls]) }
}

/** A pointer that points out of the memory is the module's mistake, and told so. */
function orFault(call: () => number): number {
  try {
    return call()
  } catch (thrown) {
    if (thrown instanceof RangeError) return FAULT
    throw thrown
  }
}

function nothing({ view }: WasiRun, count: number, bytes: number): number {
  view.setUint32(count, 0, true)
  view.setUint32(bytes, 0, true)
  return OK
}

function time({ view }: WasiRun, clock: number, out: number, read: () => bigint): number {
  if (clock !== 0 && clock !== 1) return INVALID
  view.setBigUint64(out, read(), true)
  return OK
}

/** Through a list of buffers (`iovec`), until one is not filled. */
function move(run: WasiRun, list: number, count: number, out: number, act: (bytes: Uint8Array) => number): number {
  let moved = 0
  for (let index = 0; index < count; index += 1) {
    const at = run.view.getUint32(list + index * 8, true)
    const bytes = run.bytes(at, run.view.getUint32(list + index * 8 + 4, true))
    const step = act(bytes)
    moved += step
    if (step < bytes.length) break
  }
  run.view.setUint32(out, moved, true)
  return OK
}
