import { expect, test } from 'vitest'
import { Engine } from '../../workers/function/quickjs/engine.ts'
import { engineModule } from '../../workers/function/quickjs/engine-module.ts'
import { type GuestHost, NOBODY, type Settlement } from '../../workers/function/quickjs/guest-host.ts'
import { putImage } from '../../workers/function/quickjs/image.ts'

const MEMORY_BYTES = 33_554_432

/** A host that remembers how the last step ended. */
class Witness implements GuestHost {
  readonly maxOutputBytes = 1_000
  ended: Settlement | undefined
  readonly nowMs = NOBODY.nowMs
  readonly random = NOBODY.random
  readonly log = NOBODY.log
  readonly ask = NOBODY.ask
  readonly source = NOBODY.source

  settle(settlement: Settlement): void {
    this.ended = settlement
  }
}

function runIn(engine: Engine, host: GuestHost, code: string, input: string): void {
  engine.begin(host, MEMORY_BYTES)
  engine.load(code)
  engine.drain(() => false)
  engine.step('start', input)
  engine.drain(() => false)
}

/** Its whole memory above the stack. */
function contentOf(engine: Engine): Buffer {
  const image = engine.image()
  const last = image.at(-1)!
  const content = Buffer.alloc(last.at + last.bytes.length)
  putImage(content, image)
  return content
}

test('the engine has no state but its memory and its stack pointer', () => {
  const exported = WebAssembly.Module.exports(engineModule())

  // An exported table that nobody else is given and that no instruction of the module changes is no state; the suite of attacks would show.
  expect(exported.filter(({ kind }) => kind !== 'function')).toEqual([
    { name: 'memory', kind: 'memory' },
    { name: '__stack_pointer', kind: 'global' },
    { name: '__indirect_function_table', kind: 'table' },
  ])
})

test('beginning again leaves the engine byte for byte as it was', () => {
  const engine = new Engine()
  const host = new Witness()
  engine.begin(host, MEMORY_BYTES)
  const before = contentOf(engine)

  runIn(engine, host, 'export default (input) => { globalThis.kept = input.secret + "!"; return kept }', '{"secret":"hunter2"}')
  const during = contentOf(engine)
  engine.begin(host, MEMORY_BYTES)
  const after = contentOf(engine)

  expect(host.ended).toMatchObject({ kind: 'done', text: '"hunter2!"' })
  expect(during.includes('hunter2')).toBe(true)
  expect(after.equals(before)).toBe(true)
})

test('an image holds the module, evaluated, and puts it back as often as wanted', () => {
  const engine = new Engine()
  const host = new Witness()
  engine.begin(host, MEMORY_BYTES)
  engine.load('let count = 10\nexport default () => ++count')
  engine.drain(() => false)
  const image = engine.image()

  for (let round = 0; round < 3; round += 1) {
    engine.begin(host, MEMORY_BYTES, image)
    engine.step('start', 'null')
    engine.drain(() => false)
    expect(host.ended).toMatchObject({ kind: 'done', text: '11' })
  }
})

test('an image of one engine can be put into another', () => {
  const [one, other, host] = [new Engine(), new Engine(), new Witness()]
  one.begin(host, MEMORY_BYTES)
  one.load('export default (input) => input * 2')
  one.drain(() => false)

  other.begin(host, MEMORY_BYTES, one.image())
  other.step('start', '21')
  other.drain(() => false)

  expect(host.ended).toMatchObject({ kind: 'done', text: '42' })
})

test('an engine that had to grow is not used again', () => {
  const engine = new Engine()

  runIn(engine, new Witness(), 'export default () => new Uint8Array(8_000_000).length', 'null')

  expect(engine.isReusable).toBe(false)
})

test('two engines are the same, whenever they are made', () => {
  const [one, other] = [new Engine(), new Engine()]
  one.begin(new Witness(), MEMORY_BYTES)
  other.begin(new Witness(), MEMORY_BYTES)

  expect(contentOf(one).equals(contentOf(other))).toBe(true)
})
