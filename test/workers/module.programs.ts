import createWabt from 'wabt'
import type { Behaviours } from './backend.conformance.ts'

const wabt = await createWabt()

/** A module of WebAssembly text as programs travel: base64. */
export const assemble = (text: string): string =>
  Buffer.from(wabt.parseWat('function.wat', text, { exceptions: true }).toBinary({}).buffer).toString('base64')

const WASI = `
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))`

/** With `$print stream at bytes`, a scratch list of buffers at 0 and data at 1024. */
export const command = (start: string, data = '', globals = ''): string =>
  assemble(`(module ${WASI}
    (memory (export "memory") 2)
    ${globals}
    (data (i32.const 1024) "${data}")
    (func $print (param $stream i32) (param $at i32) (param $bytes i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $bytes))
      (drop (call $fd_write (local.get $stream) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $digits (param $number i64)
      (local $at i32)
      (local.set $at (i32.const 900))
      (loop $more
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $number) (i64.const 10)))))
        (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
        (br_if $more (i64.ne (local.get $number) (i64.const 0))))
      (call $print (i32.const 1) (local.get $at) (i32.sub (i32.const 900) (local.get $at))))
    (func (export "_start") (local $count i32) ${start}))`)

const READ_ALL = `
  (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 65536))
  (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
  (local.set $count (i32.load (i32.const 8)))`

const NO_CALLS = { skip: 'WASM modules have no host calls' }

/** What a WASI command can show of it. */
export const MODULES: { readonly [B in keyof Behaviours]: string | { readonly skip: string } } = {
  echoes: command(`${READ_ALL} (call $print (i32.const 1) (i32.const 4096) (local.get $count))`),
  throws: command(
    '(call $print (i32.const 2) (i32.const 1024) (i32.const 17)) (call $proc_exit (i32.const 3))',
    'no such customer\\0a',
  ),
  logs: command('(call $print (i32.const 2) (i32.const 1024) (i32.const 13))', 'hello\\0acareful'),
  chats: command(
    `(loop $more
      (call $print (i32.const 2) (i32.const 1024) (i32.const 101))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $count) (i32.const 20000))))
    (call $print (i32.const 1) (i32.const 1125) (i32.const 4))`,
    `${'y'.repeat(100)}\\0anull`,
  ),
  swells: command(
    `${READ_ALL}
    (call $print (i32.const 1) (i32.const 1024) (i32.const 1))
    ;; The input is {"length":60000} or {"length":70000}: its eleventh character tells which.
    (local.set $count (i32.mul (i32.const 10000) (i32.sub (i32.load8_u (i32.const 4106)) (i32.const 48))))
    (memory.fill (i32.const 4096) (i32.const 120) (local.get $count))
    (call $print (i32.const 1) (i32.const 4096) (local.get $count))
    (call $print (i32.const 1) (i32.const 1024) (i32.const 1))`,
    '\\22',
  ),
  babbles: command('(call $print (i32.const 1) (i32.const 1024) (i32.const 5))', 'hello'),
  loops: command('(loop $again (br $again))'),
  grows: command('(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable'),
  remembers: command(
    `(if (i32.eqz (global.get $kept))
      (then (call $print (i32.const 1) (i32.const 1024) (i32.const 4)))
      (else (call $print (i32.const 1) (i32.const 1028) (i32.const 1))))
    (global.set $kept (i32.const 1))`,
    'null1',
    '(global $kept (mut i32) (i32.const 0))',
  ),
  calls: NO_CALLS,
  dates: command(
    `(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 512)))
    (drop (call $random (i32.const 520) (i32.const 4)))
    (call $print (i32.const 1) (i32.const 1024) (i32.const 7))
    (call $digits (i64.div_u (i64.load (i32.const 512)) (i64.const 1000000)))
    (call $print (i32.const 1) (i32.const 1031) (i32.const 8))
    (call $digits (i64.load32_u (i32.const 520)))
    (call $print (i32.const 1) (i32.const 1039) (i32.const 1))`,
    '{\\22now\\22:,\\22dice\\22:}',
  ),
  broken: { skip: 'a compiled module has no lines' },
}
