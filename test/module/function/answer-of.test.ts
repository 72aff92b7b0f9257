import { expect, test } from 'vitest'
import { answerOf } from '../../../src/module/function/answer-of.ts'

const done = (output: unknown) => answerOf('fn__x', { ok: true, output })

test('an object is structured and text', () => {
  expect(done({ a: 1 })).toEqual({
    kind: 'relay',
    result: { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 1 } },
  })
})

test.each([
  ['a text as it is', 'a "b"', 'a "b"'],
  ['a number', 3, '3'],
  ['a list', [1], '[1]'],
  ['nothing', undefined, 'null'],
])('%s is text only', (_, output, text) => {
  expect(done(output)).toEqual({ kind: 'relay', result: { content: [{ type: 'text', text }] } })
})

test.each(['thrown', 'compile', 'json', 'schema'] as const)('%s is an answer of the tool that failed', (reason) => {
  expect(answerOf('fn__x', { ok: false, reason, message: 'No title.' })).toEqual({
    kind: 'relay',
    result: { content: [{ type: 'text', text: 'No title.' }], isError: true },
  })
})

test.each([
  ['timeout', 'timeout'],
  ['memory', 'too_large'],
  ['output', 'too_large'],
  ['crash', 'upstream'],
] as const)('%s is the fault %s', (reason, code) => {
  expect(() => answerOf('fn__x', { ok: false, reason, message: 'It was too much.' })).toThrow(
    expect.objectContaining({ code, message: 'fn__x: It was too much.' }),
  )
})
