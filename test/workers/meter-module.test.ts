import { expect, test } from 'vitest'
import { meterModule } from '../../workers/function/wasi/meter-module.ts'
import { assemble } from './module.programs.ts'

const ASK = '(import "env" "ask" (func $ask (result i32)))'
const METER = { question: 'ask', turns: 1_000, interpreterWays: 10 }

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(assemble(text), 'base64'))

/** Run `run` of a module, metered, and stop it at the third question. */
function runMetered(parts: string, imports = ASK): { readonly value: unknown; readonly asked: number } {
  let asked = 0
  const ask = (): number => {
    asked += 1
    if (asked === 3) throw new Error('stopped')
    return 0
  }
  const module = new WebAssembly.Module(meterModule(bytesOf(`(module ${imports} (global i32 (i32.const 7)) ${parts})`), METER))
  const { exports } = new WebAssembly.Instance(module, { env: { ask, other: () => {} } })
  try {
    return { value: (exports['run'] as () => unknown)(), asked }
  } catch (thrown) {
    return { value: (thrown as Error).message, asked }
  }
}

const COUNT = (to: number): string => `(func (export "run") (result i32) (local $n i32)
  (loop $more (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $more (i32.lt_u (local.get $n) (i32.const ${to}))))
  (local.get $n))`

test('a loop that ends gives what it gave, and a short one asks once at most', () => {
  expect(runMetered(COUNT(900))).toEqual({ value: 900, asked: 1 })
  expect(runMetered(COUNT(1_900))).toEqual({ value: 1_900, asked: 2 })
})

test.each([
  ['a loop', '(func (export "run") (loop $more (br $more)))'],
  ['a loop with a result and a parameter of its own', '(func (export "run") (drop (loop $more (result i32) (br $more))))'],
  ['loops within loops', '(func (export "run") (loop $out (loop $in (br_if $out (i32.const 1)) (br $in))))'],
  ['a loop in a function that is called', '(func $f (loop $more (br $more))) (func (export "run") (call $f))'],
  [
    'copies, without a loop',
    `(memory 100) (func (export "run") ${'(memory.copy (i32.const 0) (i32.const 65536) (i32.const 6000000))'.repeat(4)})`,
  ],
  [
    'fillings, without a loop',
    `(memory 100) (func (export "run") ${'(memory.fill (i32.const 0) (i32.const 0) (i32.const 6000000))'.repeat(4)})`,
  ],
])('%s can be stopped', (_title, parts) => {
  expect(runMetered(parts)).toEqual({ value: 'stopped', asked: 3 })
})

test('what stands beside loops is left as it was: numbers, branches, lists of types, calls and memory', () => {
  const { value } =
    runMetered(`(memory 1) (table 1 funcref) (elem (i32.const 0) $g) (type $g_type (func (param i64) (result f64)))
    (func $g (param $x i64) (result f64) (f64.add (f64.const 0.5) (f64.convert_i64_s (local.get $x))))
    (func (export "run") (result f64) (local $f f32) (local $d f64) (local $i i64)
      (local.set $f (f32.const 1.25))
      (i64.store offset=8 (i32.const 0) (i64.const -9007199254740991))
      (memory.fill (i32.const 64) (i32.const 1) (i32.const 8))
      (loop $more
        (block $a (block $b (br_table $b $a (i32.wrap_i64 (local.get $i)))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br_if $more (i64.lt_s (local.get $i) (i64.const 5))))
      (local.set $d (select (result f64) (f64.const 2) (f64.const 3) (i32.load8_u (i32.const 64))))
      (f64.add (f64.promote_f32 (local.get $f))
        (f64.add (local.get $d) (call_indirect (type $g_type) (i64.trunc_sat_f64_s (f64.convert_i64_s (local.get $i))) (i32.const 0)))))`)

  expect(value).toBe(1.25 + 2 + 5.5)
})

test('the loop of an interpreter is left to itself', () => {
  const { value, asked } = runMetered(`(func (export "run") (result i32) (local $n i32)
    (block $out
      (loop $more
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_table ${'$more '.repeat(12)} $out (i32.div_u (local.get $n) (i32.const 1000)))))
    (local.get $n))`)

  expect(value).toBe(12_000)
  expect(asked).toBe(0)
})

test('a module without the question, or with instructions that are not known, is refused', () => {
  const loop = '(global i32 (i32.const 1)) (func (loop $more (br $more)))'

  expect(() => meterModule(bytesOf(`(module ${loop})`), METER)).toThrow('does not import ask')
  expect(() => meterModule(bytesOf(`(module (import "env" "ask" (func (param i32))) ${loop})`), METER)).toThrow(
    'does not import ask',
  )
  expect(() =>
    meterModule(bytesOf(`(module ${ASK} (global i32 (i32.const 1)) (func (drop (v128.const i32x4 1 2 3 4))))`), METER),
  ).toThrow('an instruction that is not known: 0xfd')
})
