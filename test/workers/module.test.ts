import { describe, expect, test } from 'vitest'
import { assemble, command } from './module.programs.ts'
import { checkFunction, runFunction } from './run-function.ts'

const plain = (parts: string): string => assemble(`(module ${parts})`)
const START = '(func (export "_start"))'

describe('a module that cannot be a function is refused, and says why', () => {
  test.each([
    ['no module', Buffer.from('hello').toString('base64'), 'not a WebAssembly module'],
    ['half a module', command('').slice(0, 200), 'ends in the middle'],
    ['no memory', plain(START), 'no memory'],
    ['no start', plain('(memory (export "memory") 1)'), '_start'],
    ['a hidden memory', plain(`(memory 1) ${START}`), 'does not export its memory'],
    ['a foreign import', plain(`(import "env" "evil" (func)) (memory (export "memory") 1) ${START}`), 'env.evil'],
    ['an imported memory', plain(`(import "env" "memory" (memory 1)) ${START}`), 'no memory'],
    [
      'a name that WASI does not have',
      plain(`(import "wasi_snapshot_preview1" "evil" (func)) (memory (export "memory") 1) ${START}`),
      'evil',
    ],
    ['more memory than it may have', plain(`(memory (export "memory") 2000) ${START}`), '131072000 bytes'],
    ['a table that is too large', plain(`(memory (export "memory") 1) (table 1000000 funcref) ${START}`), '1000000 entries'],
  ])('%s', async (_title, source, words) => {
    expect(await checkFunction(source, 'wasm')).toEqual([expect.objectContaining({ message: expect.stringContaining(words) })])
    expect((await runFunction(source, { language: 'wasm' })).outcome).toMatchObject({ ok: false, reason: 'compile' })
  })

  test('types of the garbage collector, which no limit of the module holds', async () => {
    // (module (type (struct))), which wabt cannot write.
    const source = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0]).toString('base64')

    expect(await checkFunction(source, 'wasm')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('garbage collection') }),
    ])
  })
})

describe('what a module does stays inside', () => {
  test('memory ends at its limit, whatever maximum the module says', async () => {
    const source = command(
      `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (call $digits (i64.extend_i32_u (memory.size)))`,
    )

    expect((await runFunction(source, { language: 'wasm' })).output).toBe(33_554_432 / 65_536)
    expect((await runFunction(source, { language: 'wasm', limits: { memoryBytes: 1_048_576 } })).output).toBe(16)
  })

  test('a table does not grow beyond a hundred thousand entries', async () => {
    const source = plain(`(memory (export "memory") 1) (table $t 1 funcref)
      (func (export "_start") (if (i32.ne (table.grow $t (ref.null func) (i32.const 200000)) (i32.const -1)) (then (unreachable))))`)

    // Nothing printed is no JSON; a table that did grow would be a trap.
    expect((await runFunction(source, { language: 'wasm' })).outcome).toMatchObject({ ok: false, reason: 'json' })
  })

  test('there are no files, no arguments and no environment', async () => {
    const source = assemble(`(module
      (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 64) "null")
      (func (export "_start")
        (i64.store (i32.const 32) (i64.const -1))
        (if (i32.ne (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 16)) (i32.const 8)) (then unreachable))
        (if (i32.ne (call $prestat (i32.const 3) (i32.const 16)) (i32.const 8)) (then unreachable))
        (if (call $environ (i32.const 32) (i32.const 36)) (then unreachable))
        (if (i64.ne (i64.load (i32.const 32)) (i64.const 0)) (then unreachable))
        (if (call $args (i32.const 32) (i32.const 36)) (then unreachable))
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 4))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`)

    expect((await runFunction(source, { language: 'wasm' })).outcome).toEqual({ ok: true, output: 'null' })
  })

  test.each([
    ['the buffers', '(drop (call $fd_write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const 8)))'],
    ['what they hold', '(call $print (i32.const 1) (i32.const 1024) (i32.const -1))'],
    ['the clock', '(drop (call $clock (i32.const 0) (i64.const 0) (i32.const -4)))'],
    ['the dice', '(drop (call $random (i32.const 0) (i32.const -1)))'],
  ])('a pointer out of the memory is the module’s mistake: %s', async (_title, start) => {
    const source = command(`${start} (call $print (i32.const 1) (i32.const 1024) (i32.const 4))`, 'null')

    expect((await runFunction(source, { language: 'wasm' })).outcome).toEqual({ ok: true, output: 'null' })
  })

  test('output in single bytes up to its limit, and then an end', async () => {
    const source = command(`(loop $more (call $print (i32.const 1) (i32.const 1024) (i32.const 1)) (br $more))`, '1')

    expect((await runFunction(source, { language: 'wasm' })).outcome).toMatchObject({ ok: false, reason: 'output' })
  })

  test('a trap and an exit say what was said last', async () => {
    const trap = command('(call $print (i32.const 2) (i32.const 1024) (i32.const 3)) unreachable', 'oh!')
    const exit = command('(call $print (i32.const 2) (i32.const 1024) (i32.const 3)) (call $proc_exit (i32.const 9))', 'oh!')

    expect((await runFunction(trap, { language: 'wasm' })).outcome).toMatchObject({
      reason: 'crash',
      message: expect.stringContaining('oh!'),
    })
    expect((await runFunction(exit, { language: 'wasm' })).outcome).toMatchObject({
      reason: 'thrown',
      message: 'The module ended with exit code 9: oh!',
    })
  })

  test('exit code 0 is a good end', async () => {
    const source = command(
      '(call $print (i32.const 1) (i32.const 1024) (i32.const 1)) (call $proc_exit (i32.const 0)) unreachable',
      '5',
    )

    expect((await runFunction(source, { language: 'wasm' })).output).toBe(5)
  })

  test('recursion without end is a crash', async () => {
    const source = plain(`(memory (export "memory") 1) (func $f (export "_start") (call $f) (call $f))`)

    expect((await runFunction(source, { language: 'wasm' })).outcome).toMatchObject({ ok: false, reason: 'crash' })
  })

  test('a start section that calls the host before there is a memory', async () => {
    const source = assemble(`(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1) (func $early (if (i32.ne (call $random (i32.const 0) (i32.const 8)) (i32.const 21)) (then unreachable)))
      (start $early) (func (export "_start") unreachable))`)

    expect((await runFunction(source, { language: 'wasm' })).outcome).toMatchObject({
      reason: 'crash',
      message: expect.stringContaining('unreachable'),
    })
  })
})
