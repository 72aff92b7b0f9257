import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Link } from '../../queue/pool/link.ts'
import { queueSettings } from '../../queue/queue.settings.ts'
import { encodeFrame, type Frame, FrameReader } from '../../queue/wire/frame.ts'
import { fromFront } from '../../queue/wire/from-front.ts'
import { fromWorker } from '../../queue/wire/from-worker.ts'
import { isLarger, MAX_HEADER_BYTES } from '../../queue/wire/limits.ts'
import { socketPathOf } from '../../queue/wire/socket-path.ts'
import { cutTexts, partForFrames } from '../../queue/wire/texts.ts'
import { WireError } from '../../queue/wire/wire-error.ts'
import { createTestLog, type LogLine } from '../support.ts'

const readAll = (chunks: readonly Buffer[], maxBytes = 1_000): Frame[] => {
  const reader = new FrameReader()
  const frames: Frame[] = []
  for (const chunk of chunks)
    reader.read(
      chunk,
      () => maxBytes,
      (frame) => frames.push(frame),
    )
  return frames
}

const prefix = (header: number, body: number): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeUInt32BE(header, 0)
  buffer.writeUInt32BE(body, 4)
  return buffer
}

describe('frames', () => {
  test('arrive as they were sent, however the socket cuts them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ header: fc.record({ t: fc.string() }), body: fc.string({ unit: 'grapheme' }) }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (sent, step) => {
          const bytes = Buffer.concat(sent.map(({ header, body }) => encodeFrame(header, body)))
          const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, n) =>
            bytes.subarray(n * step, (n + 1) * step),
          )

          expect(readAll(chunks)).toEqual(sent)
        },
      ),
    )
  })

  test.each([
    ['a header that is too large', prefix(MAX_HEADER_BYTES + 1, 0)],
    ['a body that is too large', prefix(2, 1_001)],
    ['a header that is not JSON', Buffer.concat([prefix(3, 0), Buffer.from('{a}')])],
    ['bytes that are not UTF-8', Buffer.concat([prefix(2, 1), Buffer.from('{}'), Buffer.from([0xff])])],
    ['what another protocol says', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('are refused for %s, before anything is kept', (_, bytes) => {
    expect(() => readAll([bytes])).toThrow(WireError)
  })
})

describe('texts of a body', () => {
  test('are cut by characters', () => {
    expect(cutTexts('"ü""𝄞"1', [3, 4, 1])).toEqual(['"ü"', '"𝄞"', '1'])
  })

  test.each([[[1]], [[3, 1]]])('are refused where sizes %j do not add up', (sizes) => {
    expect(() => cutTexts('abc', sizes)).toThrow(WireError)
  })

  test('are parted so that a frame is never larger than it may be, and none is lost', () => {
    const sizes = [3_000_000, 3_000_000, 9_000_000, 1, 1, ...new Array<number>(1_500).fill(0)]

    const parts = [...partForFrames(sizes, (size) => size)]

    expect(parts.flat()).toEqual(sizes)
    expect(parts.map((part) => part.length)).toEqual([1, 1, 1, 1_024, 478])
  })

  test('are measured in bytes only where it matters', () => {
    expect([isLarger('üü', 4), isLarger('üü', 3), isLarger('aaaa', 4), isLarger('aaaaa', 4)]).toEqual([false, true, false, true])
  })
})

describe('messages', () => {
  const ack = { t: 'ack', lane: 'echo', ids: [1], attempts: [1] }
  const verdicts = {
    t: 'verdicts',
    lane: 'echo',
    ids: [1],
    attempts: [1],
    startedAt: [1],
    tookMs: [0],
    sizes: [0],
    ends: { list: [] },
  }

  test('are read where they fit', () => {
    expect(fromFront.safeParse(ack).success).toBe(true)
    expect(fromWorker.safeParse(verdicts).success).toBe(true)
  })

  test.each([
    ['columns of different lengths', { ...ack, ids: [1, 2] }],
    ['a number that is not whole', { ...ack, ids: [1.5] }],
    ['a negative number', { ...ack, attempts: [-1] }],
    ['a number in quotes', { ...ack, ids: ['1'] }],
    ['a field too many', { ...ack, more: true }],
    ['an unknown kind', { t: 'obey' }],
    ['more rows than a frame may have', { ...ack, ids: new Array(1_025).fill(1), attempts: new Array(1_025).fill(1) }],
  ])('are refused for %s', (_, message) => {
    expect(fromFront.safeParse(message).success).toBe(false)
  })

  test('of a worker may not name a fault that there is not', () => {
    const list = [{ at: 0, kind: 'cancel', reason: 'no', code: 'sudo' }]

    expect(fromWorker.safeParse({ ...verdicts, ends: { list } }).success).toBe(false)
  })
})

test('a worker that finds no front says once where it looks', async () => {
  const lines: LogLine[] = []
  const link = new Link({
    socketPath: '/does/not/exist/queue.sock',
    log: createTestLog(lines),
    hello: () => ({}),
    onMessage: () => {},
    onUp: () => {},
    onDown: () => {},
    onDrain: () => {},
  })
  onTestFinished(() => link.close())

  await vi.waitFor(() => expect(lines).not.toEqual([]), 5_000)

  expect(lines).toMatchObject([
    { event: 'worker.no_front', fields: { reason: expect.stringContaining('/does/not/exist/queue.sock') } },
  ])
})

test('a lease that is shorter than a few words of a worker apart is refused', () => {
  const ofLease = (leaseMs: number) => queueSettings.safeParse({ lanes: { function: { leaseMs } } }).success

  expect([ofLease(1_000), ofLease(3_000)]).toEqual([false, true])
})

test('the socket lies in the data folder, or elsewhere under a name of its own where that path is too long', () => {
  const long = `/${'a'.repeat(120)}`

  expect(socketPathOf('/data')).toBe('/data/queue.sock')
  expect(Buffer.byteLength(socketPathOf(long))).toBeLessThanOrEqual(100)
  expect(socketPathOf(long)).not.toBe(socketPathOf(`${long}b`))
})
