import { expect, test } from 'vitest'
import { createMeter } from '../../src/core/meter.ts'

const linesOf = async (meter: ReturnType<typeof createMeter>): Promise<string[]> =>
  (await meter.scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('a histogram counts a value in its bucket and all above', async () => {
  const meter = createMeter()
  const seconds = meter.histogram('gatehouse_test_seconds', 'Test.', ['of'], [0.1, 1])

  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe({ of: 'a' }, value)

  expect(await linesOf(meter)).toEqual([
    'gatehouse_test_seconds_bucket{of="a",le="0.1"} 2',
    'gatehouse_test_seconds_bucket{of="a",le="1"} 3',
    'gatehouse_test_seconds_bucket{of="a",le="+Inf"} 4',
    'gatehouse_test_seconds_sum{of="a"} 7.65',
    'gatehouse_test_seconds_count{of="a"} 4',
  ])
})

test('a counter without labels shows zero before anything happened', async () => {
  const meter = createMeter()
  meter.counter('gatehouse_test_total', 'Test.')

  expect(await linesOf(meter)).toEqual(['gatehouse_test_total 0'])
})

test('series without end end: what comes beyond is counted together', async () => {
  const meter = createMeter()
  const counter = meter.counter('gatehouse_test_total', 'Test.', ['a', 'b'])

  for (let index = 0; index < 5_000; index += 1) counter.add({ a: `a${index}`, b: 'b' })

  const lines = await linesOf(meter)
  expect(lines).toHaveLength(2_001)
  expect(lines.at(-1)).toBe('gatehouse_test_total{a="other",b="other"} 3000')
})

test('labels that run together are told apart', async () => {
  const meter = createMeter()
  const counter = meter.counter('gatehouse_test_total', 'Test.', ['a', 'b'])

  counter.add({ a: 'x', b: 'yz' })
  counter.add({ a: 'xy', b: 'z' })

  expect(await linesOf(meter)).toHaveLength(2)
})

test('what a gauge read last time and no longer reads is gone', async () => {
  const meter = createMeter()
  let names = ['a', 'b']
  meter.gauge('gatehouse_test', 'Test.', ['name'], () => names.map((name) => ({ labels: { name }, value: 1 })))
  await meter.scrape()

  names = ['b']

  expect(await linesOf(meter)).toEqual(['gatehouse_test{name="b"} 1'])
  expect(meter.readings('gatehouse_test')).toEqual([{ labels: { name: 'b' }, value: 1 }])
  expect(meter.readings('gatehouse_other')).toEqual([])
})

test('scrapes at the same time share their work', async () => {
  const meter = createMeter()
  let reads = 0
  meter.gauge('gatehouse_test', 'Test.', [], () => {
    reads += 1
    return []
  })

  await Promise.all([meter.scrape(), meter.scrape(), meter.scrape()])

  expect(reads).toBe(1)
})

test('one name is declared once', () => {
  const meter = createMeter()
  meter.counter('gatehouse_test_total', 'Test.')

  expect(() => meter.histogram('gatehouse_test_total', 'Test.')).toThrow('already been registered')
})
