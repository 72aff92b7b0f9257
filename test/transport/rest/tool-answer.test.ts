import { describe, expect, test } from 'vitest'
import { argumentsOf, toolAnswer } from '../../../src/transport/rest/tool-answer.ts'

describe('the arguments in a body', () => {
  test('are the same wrapped and bare', () => {
    expect(argumentsOf({ arguments: { a: 1 } })).toEqual(argumentsOf({ a: 1 }))
  })

  test('are none without a body', () => {
    expect(argumentsOf(undefined)).toEqual({})
  })

  test('are taken from the wrapped form even when the tool has a parameter called arguments', () => {
    expect(argumentsOf({ arguments: { arguments: { a: 1 } } })).toEqual({ arguments: { a: 1 } })
  })

  test('are bare when arguments is only one of the fields', () => {
    expect(argumentsOf({ arguments: { a: 1 }, command: 'x' })).toEqual({ arguments: { a: 1 }, command: 'x' })
  })

  test.each([['text'], [['a']], [null], [5]])('are bare when the field arguments is %j and so no object', (value) => {
    expect(argumentsOf({ arguments: value })).toEqual({ arguments: value })
  })

  test.each([[[1]], ['text'], [null], [false]])('stay what they are when the body is %j, for the door to refuse', (body) => {
    expect(argumentsOf(body)).toEqual(body)
  })
})

describe('an answer', () => {
  test('of an operation carries its output as structure and as text', () => {
    const answer = toolAnswer({ kind: 'data', data: { id: 1 } }, 'r1', 1.26)

    expect(answer).toEqual({
      content: [{ type: 'text', text: '{"id":1}' }],
      structuredContent: { id: 1 },
      isError: false,
      durationMs: 1.3,
      requestId: 'r1',
    })
  })

  test('of an upstream keeps fields that the gateway does not know', () => {
    const result = { content: [{ type: 'hologram', data: 'x' }], isError: true, _meta: { a: 1 }, novel: true }

    expect(toolAnswer({ kind: 'relay', result }, 'r1', 5)).toEqual({ ...result, durationMs: 5, requestId: 'r1' })
  })

  test('of an upstream that left content out still has some', () => {
    expect(toolAnswer({ kind: 'relay', result: {} }, 'r1', 5)).toMatchObject({ content: [], isError: false })
  })
})
