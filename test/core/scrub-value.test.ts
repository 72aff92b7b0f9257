import { afterEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/contract/fault.ts'
import { knownValues } from '../../src/core/known-values.ts'
import { redactJson } from '../../src/core/redact.ts'
import { scrubFault, scrubValue } from '../../src/core/scrub-value.ts'

const VALUE = 'hunter2-hunter2'

afterEach(() => knownValues.forget('test'))

describe('while nothing is known', () => {
  test('everything is handed on as the very same object', () => {
    const answer = { a: [VALUE, { b: 1 }] }
    const fault = new Fault('invalid', VALUE)

    expect(scrubValue(answer)).toBe(answer)
    expect(scrubFault(fault)).toBe(fault)
    expect(knownValues.any).toBe(false)
  })
})

describe('a known value', () => {
  test('is taken out at any depth, of keys too, and what holds none stays the very same', () => {
    knownValues.set('test', [VALUE])
    const clean = { text: 'nothing', list: [1, null, true] }

    const scrubbed = scrubValue({ clean, deep: [{ [`key ${VALUE}`]: `a ${VALUE} b` }], count: 7 })

    expect(scrubbed).toEqual({ clean, deep: [{ 'key [redacted]': 'a [redacted] b' }], count: 7 })
    expect(scrubbed.clean).toBe(clean)
  })

  test('is taken out of numbers that are too long to keep all of its digits', () => {
    knownValues.set('test', ['12345678901234567890'])

    const read = JSON.parse('{"pin":12345678901234567890,"other":12345678901234569999}') as object

    expect(scrubValue(read)).toEqual({ pin: '[redacted]', other: Number('12345678901234569999') })
  })

  test('is taken out of numbers', () => {
    knownValues.set('test', ['1234567890'])

    expect(scrubValue({ pin: 1_234_567_890, other: 1_234_567_891 })).toEqual({ pin: '[redacted]', other: 1_234_567_891 })
    expect(redactJson({ pin: 1_234_567_890, other: 5 })).toBe('{"pin":"[redacted]","other":5}')
  })

  test('hides no field that is called like it', () => {
    knownValues.set('test', ['upstreams'])

    expect(scrubValue({ upstreams: ['upstreams'] })).toEqual({ upstreams: ['[redacted]'] })
  })

  test('is taken out of message, details and data of a fault, which stays what it is', () => {
    knownValues.set('test', [VALUE])
    const cause = new Error('kept for the log')
    const fault = new Fault('upstream', `It said ${VALUE}.`, {
      ...{ cause, retryAfterMs: 5, data: { said: VALUE }, details: [{ path: `/${VALUE}`, message: VALUE }] },
    })

    const clean = scrubFault(fault)

    expect(clean).toMatchObject({
      code: 'upstream',
      message: 'It said [redacted].',
      retryAfterMs: 5,
      data: { said: '[redacted]' },
    })
    expect(clean.details).toEqual([{ path: '/[redacted]', message: '[redacted]' }])
    expect(clean.cause).toBe(cause)
  })

  test('is taken out of what is deeper than anybody writes', () => {
    knownValues.set('test', [VALUE])
    let deep: unknown = VALUE
    for (let depth = 0; depth < 1_000; depth++) deep = [deep]

    expect(JSON.stringify(scrubValue(deep))).not.toContain(VALUE)
  })

  test('counts no more once it is forgotten, unless another key knows it too', () => {
    knownValues.set('test one', [VALUE])
    knownValues.set('test two', [VALUE])

    knownValues.set('test one', [])
    expect(knownValues.scrub(VALUE)).toBe('[redacted]')
    knownValues.set('test two', ['quite-another'])

    expect(knownValues.scrub(VALUE)).toBe(VALUE)
  })

  test('is left out where it is so short that it would be found in ordinary words', () => {
    knownValues.set('test', ['secret'])

    expect(knownValues.any).toBe(false)
  })
})
