import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createEventStream } from '../../../src/mcp/client/event-stream.ts'
import { createLineSplitter } from '../../../src/mcp/client/line-splitter.ts'
import { createRateCap } from '../../../src/mcp/client/rate-cap.ts'
import { createTimerWheel } from '../../../src/mcp/client/timer-wheel.ts'

/** Cut bytes into pieces at any places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe('a line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), fc.array(fc.nat()), (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''))
        const seen: string[] = []
        const splitter = createLineSplitter(1_000, {
          line: (line) => seen.push(line),
          overflow: () => expect.fail('Nothing is too long.'),
        })

        for (const piece of pieces(Buffer.from(lines.map((line) => `${line}\n`).join('')), cuts)) splitter.push(piece)

        expect(seen).toEqual(lines)
      }),
    )
  })

  it('puts a line together that comes byte by byte', () => {
    const seen: string[] = []
    const splitter = createLineSplitter(10_000, {
      line: (line) => seen.push(line),
      overflow: () => expect.fail('Nothing is too long.'),
    })
    const line = Array.from({ length: 5_000 }, (_, n) => n % 10).join('')

    for (const byte of Buffer.from(`${line}\n${line}\n`)) splitter.push(Buffer.from([byte]))

    expect(seen).toEqual([line, line])
  })

  it('drops a line over the cap, tells its two ends, and goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const seen: string[] = []
        const splitter = createLineSplitter(1_000, {
          line: (line) => seen.push(line),
          overflow: (head, tail) => seen.push(`${head.slice(0, 5)}…${tail.slice(-3)}`),
        })
        const long = `begin${'x'.repeat(5_000)}end`

        for (const piece of pieces(Buffer.from(`a\n${long}\nb\n`), cuts)) splitter.push(piece)

        expect(seen).toEqual(['a', 'begin…end', 'b'])
      }),
    )
  })
})

describe('an event stream', () => {
  const read = (text: string, cuts: readonly number[] = []): unknown[] => {
    const seen: unknown[] = []
    const stream = createEventStream(1_000, {
      event: (data) => seen.push(data),
      id: (id) => seen.push({ id }),
      retry: (retryMs) => seen.push({ retryMs }),
      overflow: () => seen.push('overflow'),
    })
    for (const piece of pieces(Buffer.from(text), cuts)) stream.push(piece)
    return seen
  }

  it('reads data over several lines, ids, retries, comments and all ends of line', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const text = ': hello\r\nid: 7\r\nretry: 50\r\ndata:\r\n\r\nevent: message\ndata: {"a":\ndata:1}\n\ndata: left over'

        expect(read(text, cuts)).toEqual([{ id: '7' }, { retryMs: 50 }, '{"a":\n1}'])
      }),
    )
  })

  it('takes lines without text for an event over the cap as well, when they do not end', () => {
    expect(read('data:\n'.repeat(2_000))).toContain('overflow')
  })

  it('tells of an event over the cap', () => {
    expect(read(`data: ${'x'.repeat(600)}\ndata: ${'x'.repeat(600)}\n\n`)).toContain('overflow')
  })
})

describe('a timer wheel', () => {
  it('looks again where a deadline was moved, and rests while there is none', () => {
    vi.useFakeTimers()
    const wheel = createTimerWheel({ tickMs: 100 })
    const expired: string[] = []
    const deadline = (name: string, inMs: number) => ({ dueAtMs: wheel.nowMs() + inMs, expire: () => expired.push(name) })
    const moved = deadline('moved', 200)
    const removed = deadline('removed', 200)
    for (const each of [deadline('first', 150), moved, removed]) wheel.add(each)
    wheel.remove(removed)

    moved.dueAtMs += 500
    vi.advanceTimersByTime(400)
    expect(expired).toEqual(['first'])
    vi.advanceTimersByTime(500)

    expect(expired).toEqual(['first', 'moved'])
    expect([wheel.size, vi.getTimerCount()]).toEqual([0, 0])
    vi.useRealTimers()
  })
})

describe('a rate cap', () => {
  it('lets so many pass per window and counts the others', () => {
    let now = 0
    const cap = createRateCap({ limit: 2, windowMs: 1_000, nowMs: () => now })

    expect([cap.pass(), cap.pass(), cap.pass(), cap.pass()]).toEqual([true, true, false, false])
    now = 1_000
    expect([cap.pass(), cap.takeDropped(), cap.takeDropped()]).toEqual([true, 2, 0])
  })
})
