import { expect, test } from 'vitest'
import { attentionFor, type SeenUpstream } from '../../../src/module/overview/attention.ts'

const upstream = (alias: string, rest: Partial<SeenUpstream> = {}): SeenUpstream => ({
  alias,
  state: 'connected',
  enabled: true,
  lastError: null,
  leftOutCount: 0,
  ...rest,
})
const call = (tool: string, outcome: string, message: string | null = null) => ({ tool, outcome, message })

test('nothing needs anybody while all is well', () => {
  expect(attentionFor([upstream('files'), upstream('off', { enabled: false, state: 'disabled' })], [])).toEqual([])
})

test('an upstream that is down comes first, with what it said', () => {
  const found = attentionFor(
    [upstream('odd', { leftOutCount: 2 }), upstream('dead', { state: 'error', lastError: 'No such program.' })],
    [call('a__b', 'timeout')],
  )

  expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['upstream', 'dead'],
    ['calls', 'a__b'],
    ['left_out', 'odd'],
  ])
  expect(found[0]).toMatchObject({ level: 'bad', title: 'dead is down', detail: 'No such program.' })
})

test('an API whose new document waits, or cannot be fetched, needs somebody', () => {
  const api = { alias: 'lamps', enabled: true, heldVersion: 2, fetchFault: 'It answered 500.' }

  expect(attentionFor([], [], [], [api]).map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
    ['api', 'lamps', expect.stringContaining('version 2')],
    ['api', 'lamps', 'It answered 500.'],
  ])
  expect(attentionFor([], [], [], [{ ...api, enabled: false }])).toEqual([])
})

test('one that was switched off while it was down needs nobody', () => {
  expect(attentionFor([upstream('dead', { state: 'error', enabled: false })], [])).toEqual([])
})

test('failed calls are gathered by tool and outcome, the most frequent first, with the newest message', () => {
  const found = attentionFor([], [call('a__b', 'timeout', 'new'), call('c__d', 'forbidden'), call('a__b', 'timeout', 'old')])

  expect(found.map(({ title, detail }) => [title, detail])).toEqual([
    ['2 calls of a__b ended with timeout in the last hour', 'new'],
    ['1 call of c__d ended with forbidden in the last hour', 'The tool answered with an error; the call shows it.'],
  ])
})

test('a flood of failures stays a short list', () => {
  expect(
    attentionFor(
      [],
      Array.from({ length: 100 }, (_, at) => call(`t${at}`, 'invalid')),
    ),
  ).toHaveLength(5)
})

test('secrets that end soon or have ended are named, with where a new value is had', () => {
  const secret = (name: string, state: string, issuer = '') => ({ name, state, issuer, expiresAt: Date.UTC(2026, 11, 24) })

  const found = attentionFor(
    [],
    [],
    [secret('fine', 'live'), secret('soon', 'expiring'), secret('over', 'expired', 'https://issuer.example')],
  )

  expect(found).toMatchObject([
    { level: 'warn', kind: 'secret', subject: 'soon', detail: '2026-12-24. Get a new value where it came from and set it.' },
    {
      level: 'bad',
      kind: 'secret',
      subject: 'over',
      detail: '2026-12-24. Get a new value at https://issuer.example and set it.',
    },
  ])
})
