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
  expect(attentionFor({ upstreams: [upstream('files'), upstream('off', { enabled: false, state: 'disabled' })] })).toEqual([])
})

test('an upstream that is down comes first, with what it said', () => {
  const found = attentionFor({
    upstreams: [upstream('odd', { leftOutCount: 2 }), upstream('dead', { state: 'error', lastError: 'No such program.' })],
    failed: [call('a__b', 'timeout')],
  })

  expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['upstream', 'dead'],
    ['calls', 'a__b'],
    ['left_out', 'odd'],
  ])
  expect(found[0]).toMatchObject({ level: 'bad', title: 'dead is down', detail: 'No such program.' })
})

test('an API whose new document waits, or cannot be fetched, needs somebody', () => {
  const api = { alias: 'lamps', enabled: true, heldVersion: 2, fetchFault: 'It answered 500.' }

  expect(attentionFor({ apis: [api] }).map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
    ['api', 'lamps', expect.stringContaining('version 2')],
    ['api', 'lamps', 'It answered 500.'],
  ])
  expect(attentionFor({ apis: [{ ...api, enabled: false }] })).toEqual([])
})

test('one that was switched off while it was down needs nobody', () => {
  expect(attentionFor({ upstreams: [upstream('dead', { state: 'error', enabled: false })] })).toEqual([])
})

test('failed calls are gathered by tool and outcome, the most frequent first, with the newest message', () => {
  const found = attentionFor({
    failed: [
      call('a__b', 'timeout', 'new'),
      call('c__d', 'forbidden'),
      call('a__b', 'timeout', 'old'),
      call('e__f', 'cancelled'),
    ],
  })

  expect(found.map(({ title, detail }) => [title, detail])).toEqual([
    ['2 calls of a__b ended with timeout in the last hour', 'new'],
    ['1 call of c__d ended with forbidden in the last hour', 'The tool answered with an error; the call shows it.'],
  ])
})

test('a flood of failures stays a short list', () => {
  expect(attentionFor({ failed: Array.from({ length: 100 }, (_, at) => call(`t${at}`, 'invalid')) })).toHaveLength(5)
})

test('secrets that end soon or have ended are named, with where a new value is had', () => {
  const secret = (name: string, state: string, issuer = '') => ({ name, state, issuer, expiresAt: Date.UTC(2026, 11, 24) })

  const found = attentionFor({
    secrets: [secret('fine', 'live'), secret('soon', 'expiring'), secret('over', 'expired', 'https://issuer.example')],
  })

  expect(found).toMatchObject([
    {
      level: 'bad',
      kind: 'secret',
      subject: 'over',
      detail: '2026-12-24. Get a new value at https://issuer.example and set it.',
    },
    { level: 'warn', kind: 'secret', subject: 'soon', detail: '2026-12-24. Get a new value where it came from and set it.' },
  ])
})

test('what the monitor finds besides upstreams is named: a lane that is paused while jobs wait, a disk that fills up', () => {
  const found = attentionFor({
    upstreams: [upstream('odd', { leftOutCount: 1 })],
    checks: [
      { check: 'lane', subject: 'function', state: 'behind', reason: 'The lane function is paused, and 3 jobs of it wait.' },
      { check: 'lane', subject: 'api', state: 'ok', reason: '0 of 128 run.' },
      { check: 'upstream', subject: 'dead', state: 'failing', reason: 'It is told with what it said.' },
      { check: 'disk', subject: 'data', state: 'failing', reason: 'The data folder has 1 MB left.' },
    ],
  })

  expect(found.map(({ level, kind, subject, title }) => [level, kind, subject, title])).toEqual([
    ['bad', 'check', 'data', 'The data folder has 1 MB left.'],
    ['warn', 'lane', 'function', 'The lane function is paused, and 3 jobs of it wait.'],
    ['warn', 'left_out', 'odd', expect.stringContaining('left out')],
  ])
})
