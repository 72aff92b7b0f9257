import BetterSqlite3 from 'better-sqlite3'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Caller } from '../../src/contract/caller.ts'
import { Fault, type FaultCode } from '../../src/contract/fault.ts'
import type { Guards } from '../../src/contract/guard.ts'
import type { Tool } from '../../src/contract/tool.ts'
import { type Ending, type Entry, STAGES, type Visit } from '../../src/contract/visit.ts'
import { createCatalog } from '../../src/core/catalog.ts'
import { createDoor } from '../../src/core/door/door.ts'
import { guardChain } from '../../src/core/door/guard-chain.ts'
import { createEvents } from '../../src/core/events.ts'
import { createIds } from '../../src/core/id.ts'
import { createMeter } from '../../src/core/meter.ts'

const log = pino({ level: 'silent' })
const NOW = 1_700_000_000_000

const callerWith = (...keys: string[]): Caller => ({
  id: 'user:1',
  name: 'ada',
  authPath: 'token',
  userId: 1,
  tokenId: undefined,
  grants: { allows: (key) => keys.includes(key), expiresAt: Number.POSITIVE_INFINITY },
})
const entry = (signal = new AbortController().signal): Entry => ({
  transport: 'rest',
  requestId: 'r1',
  sessionKey: 'user:1/rest',
  signal,
})

function tool(over: Partial<Tool> = {}): Tool {
  return {
    name: 'lamp_switch',
    source: 'lamp',
    localName: 'switch',
    kind: 'operation',
    permit: 'lamp.write',
    effect: 'write',
    idempotent: false,
    definition: { name: 'lamp_switch', inputSchema: {} },
    parse: (raw) => raw,
    run: async () => ({ kind: 'data', data: { on: true } }),
    ...over,
  }
}

function house({ tools = [tool()], guards = {} }: { tools?: Tool[]; guards?: Guards } = {}) {
  const events = createEvents(log)
  const endings: { visit: Visit; ending: Ending }[] = []
  const begun: number[] = []
  const recorder: Guards = {
    begin: (visit) => void begun.push(visit.id),
    finish: (visit, ending) => void endings.push({ visit, ending }),
  }
  const catalog = createCatalog({ operations: tools, events, log })
  const door = createDoor({
    catalog,
    guards: guardChain([guards, recorder]),
    nowMs: () => NOW,
    nextId: createIds(() => NOW),
    log,
    meter: createMeter(),
  })
  return { door, catalog, endings, begun }
}

const refuse = (code: FaultCode) => () => {
  throw new Fault(code, code)
}

describe('the door', () => {
  test('calls a write that a full disk did not take no bug of its own', async () => {
    const db = new BetterSqlite3(':memory:')
    onTestFinished(() => void db.close())
    db.exec('create table note (text text)')
    db.pragma('max_page_count = 2')
    const write = tool({
      async run() {
        db.prepare('insert into note values (?)').run('x'.repeat(100_000))
        return { kind: 'data', data: {} }
      },
    })
    const { door, endings } = house({ tools: [write] })

    const call = door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())

    await expect(call).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('the disk is full') })
    expect(endings).toMatchObject([{ ending: { outcome: 'unavailable', stage: 'run' } }])
  })

  test('answers what the tool answered and leaves a finished record with a span per stage', async () => {
    const { door, endings, begun } = house()

    const answer = await door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())

    expect(answer).toEqual({ kind: 'data', data: { on: true } })
    expect(begun).toHaveLength(1)
    expect(endings.map(({ ending }) => ending.outcome)).toEqual(['ok'])
    const stages = endings[0]!.visit.spans.map(({ stage }) => stage)
    expect(new Set(stages)).toEqual(new Set(STAGES))
  })

  test('refuses a call that violates every stage with the fault of the first stage, and in turn with each next one', async () => {
    const gates: [FaultCode, Partial<Tool>, Guards][] = [
      ['disabled', {}, { kill: refuse('disabled') }],
      ['forbidden', { permit: 'nobody.has' }, {}],
      ['rate_limited', {}, { limit: refuse('rate_limited') }],
      ['invalid', { parse: refuse('invalid') }, {}],
      ['approval_required', {}, { approve: refuse('approval_required') }],
      ['budget_exceeded', {}, { budget: refuse('budget_exceeded') }],
      ['blocked', {}, { screenArguments: refuse('blocked') }],
      ['busy', { slot: refuse('busy') }, {}],
      ['upstream', { run: async () => refuse('upstream')() }, {}],
      ['too_large', {}, { shape: refuse('too_large') }],
      ['blocked', {}, { screenResult: refuse('blocked') }],
    ]
    for (const [index, [code]] of gates.entries()) {
      const closed = gates.slice(index)
      const one = tool(Object.assign({}, ...closed.map(([, over]) => over)))
      const { door, endings } = house({ tools: [one], guards: Object.assign({}, ...closed.map(([, , guards]) => guards)) })

      await expect(door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())).rejects.toMatchObject({ code })
      expect(endings.map(({ ending }) => ending.outcome)).toEqual([code])
    }
  })

  test('records a call of a tool that does not exist', async () => {
    const { door, endings } = house()

    await expect(door.enter(callerWith(), 'no_such_tool', {}, entry())).rejects.toMatchObject({ code: 'not_found' })

    expect(endings[0]!.visit.tool.name).toBe('no_such_tool')
    expect(endings[0]!.ending.stage).toBe('find')
  })

  test('judges the right before the arguments, so that a refused caller learns nothing of them', async () => {
    const { door } = house({ tools: [tool({ parse: refuse('invalid') })] })

    await expect(door.enter(callerWith(), 'lamp_switch', { wrong: 1 }, entry())).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('hides what a bug threw behind internal, and keeps it for the record', async () => {
    const bug = new Error('SELECT secret FROM vault')
    const { door, endings } = house({ tools: [tool({ run: async () => Promise.reject(bug) })] })

    const failed = door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())

    await expect(failed).rejects.toMatchObject({ code: 'internal', message: expect.not.stringContaining('secret') })
    expect(endings[0]!.ending.cause).toBe(bug)
  })

  test('calls an abort by the caller cancelled, and gives the slot back', async () => {
    const abort = new AbortController()
    let held = 0
    const waits: Tool['run'] = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    const slot = () => {
      held += 1
      return () => {
        held -= 1
      }
    }
    const { door, endings } = house({ tools: [tool({ run: waits, slot })] })

    const call = door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry(abort.signal))
    abort.abort()

    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    expect(endings[0]!.ending.outcome).toBe('cancelled')
    expect(held).toBe(0)
  })

  test('does not run the tool where the beginning could not be written down', async () => {
    let ran = false
    const run: Tool['run'] = async () => {
      ran = true
      return { kind: 'data', data: {} }
    }
    const { door } = house({ tools: [tool({ run })], guards: { begin: refuse('unavailable') } })

    await expect(door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())).rejects.toMatchObject({ code: 'unavailable' })
    expect(ran).toBe(false)
  })

  test('counts a failing tool as an answer and records it as tool_error', async () => {
    const run: Tool['run'] = async () => ({ kind: 'relay', result: { isError: true, content: [] } })
    const { door, endings } = house({ tools: [tool({ run })] })

    await door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())

    expect(endings[0]!.ending.outcome).toBe('tool_error')
  })

  test('lists to a caller only what it may call, from a cache until the catalog changes', async () => {
    const { door, catalog } = house({ tools: [tool(), tool({ name: 'lamp_read', localName: 'read', permit: 'lamp.read' })] })
    const caller = callerWith('lamp.read')

    const before = door.visible(caller)
    const listeners: (() => void)[] = []
    catalog.addSource('extra', {
      list: () => [tool({ name: 'extra__one', source: 'extra', localName: 'one', permit: 'lamp.read' })],
      onChange: (listener) => {
        listeners.push(listener)
        return () => {}
      },
    })

    expect(before.map(({ name }) => name)).toEqual(['lamp_read'])
    expect(door.visible(caller).map(({ name }) => name)).toEqual(['extra__one', 'lamp_read'])
    expect(door.visible(caller)).toBe(door.visible(caller))
  })

  test('refuses new visits while it drains, with a record like any, and waits for those in flight', async () => {
    let finish = (): void => {}
    const run: Tool['run'] = () => new Promise((resolve) => (finish = () => resolve({ kind: 'data', data: {} })))
    const { door, endings } = house({ tools: [tool({ run })] })
    const call = door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())
    await Promise.resolve()

    const drained = door.drain(10_000)
    await expect(door.enter(callerWith('lamp.write'), 'lamp_switch', {}, entry())).rejects.toMatchObject({ code: 'unavailable' })
    expect(endings.map(({ ending }) => ending.outcome)).toEqual(['unavailable'])
    await new Promise(setImmediate)
    finish()

    await call
    expect(await drained).toBe(true)
    expect(door.inFlight).toBe(0)
  })
})

test('a tool with an impossible name or a name that is taken is left out and hides no other', () => {
  const { catalog } = house({
    tools: [
      tool(),
      tool({ localName: 'twice' }),
      tool({ name: 'has space' }),
      tool({ name: 'a'.repeat(65) }),
      tool({ name: 'fine', localName: 'fine' }),
    ],
  })

  expect(catalog.all().map(({ name }) => name)).toEqual(['fine', 'lamp_switch'])
  expect(catalog.findLocal('lamp', 'switch')?.name).toBe('lamp_switch')
})
