import { describe, expect, it } from 'vitest'
import { createBackOff } from '../../../src/module/upstream/back-off.ts'
import { createGate } from '../../../src/module/upstream/gate.ts'

const signal = new AbortController().signal

describe('a gate', () => {
  it('lets in at once while there is a place, and the next in line when one is given back', async () => {
    const gate = createGate('x', 1, 2)
    const first = gate.enter(signal)
    const order: string[] = []
    const waiting = ['b', 'c'].map(async (name) => {
      const release = await gate.enter(signal)
      order.push(name)
      release()
    })

    expect(first).toBeTypeOf('function')
    expect([gate.inside, gate.waiting]).toEqual([1, 2])
    expect(() => gate.enter(signal)).toThrow(expect.objectContaining({ code: 'busy' }))
    ;(first as () => void)()
    await Promise.all(waiting)

    expect(order).toEqual(['b', 'c'])
    expect([gate.inside, gate.waiting]).toEqual([0, 0])
  })

  it('gives a place back only once', () => {
    const gate = createGate('x', 2, 0)
    const release = gate.enter(signal) as () => void
    gate.enter(signal)

    release()
    release()

    expect(gate.inside).toBe(1)
  })

  it('forgets who gives up waiting', async () => {
    const gate = createGate('x', 1, 1)
    const release = gate.enter(signal) as () => void
    const stop = new AbortController()
    const waiting = gate.enter(stop.signal) as Promise<() => void>

    stop.abort()

    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(gate.waiting).toBe(0)
    release()
    expect(gate.inside).toBe(0)
  })
})

describe('a back-off', () => {
  it('doubles with every failure up to its cap, with up to half as much again', () => {
    const plain = createBackOff(
      30_000,
      () => 0,
      () => 0,
    )
    const jittered = createBackOff(
      30_000,
      () => 0,
      () => 1,
    )

    expect(Array.from({ length: 7 }, () => plain.failed())).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect([jittered.failed(), jittered.failed()]).toEqual([1_500, 3_000])
  })

  it('begins anew after a minute that went well, and not before', () => {
    let now = 0
    const backOff = createBackOff(
      30_000,
      () => now,
      () => 0,
    )
    backOff.failed()
    backOff.worked()
    now = 59_999
    expect(backOff.failed()).toBe(2_000)

    backOff.worked()
    now += 60_000
    expect(backOff.failed()).toBe(1_000)
  })
})
