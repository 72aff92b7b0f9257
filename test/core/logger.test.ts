import { expect, test } from 'vitest'
import { createLogger } from '../../src/core/logger.ts'

test('the first sink is given what was logged before it came, and no line twice', () => {
  const { log, addSink } = createLogger('error')
  const first: string[] = []
  const second: string[] = []

  log.error({}, 'test.before')
  addSink((line) => void first.push(line))
  log.error({}, 'test.between')
  addSink((line) => void second.push(line))
  log.error({}, 'test.after')

  const events = (lines: readonly string[]): string[] => lines.map((line) => JSON.parse(line).event)
  expect(events(first)).toEqual(['test.before', 'test.between', 'test.after'])
  expect(events(second)).toEqual(['test.after'])
})
