import { expect, it, onTestFinished } from 'vitest'
import { createEvents } from '../../../src/core/events.ts'
import { createCredentialKeys } from '../../../src/module/api/credential-keys.ts'
import { createTestLog, stoppedClock } from '../../support.ts'

const BEARER = { kind: 'bearer', token: 'secret:github' } as const

function open() {
  const events = createEvents(createTestLog([]))
  const clock = stoppedClock()
  const keys = createCredentialKeys({ events, nowMs: clock.nowMs })
  onTestFinished(keys.close)
  return { events, clock, keys }
}

it('names a credential alike until a secret was changed', () => {
  const { events, keys } = open()
  const key = keys.forCredential(BEARER)
  const before = key()

  expect(key()).toBe(before)
  events.publish('secret', { name: 'other' })
  expect(key()).not.toBe(before)
})

it('names a credential anew every few seconds, because other processes change secrets too', () => {
  const { clock, keys } = open()
  const key = keys.forCredential(BEARER)
  const before = key()

  clock.advance(5_000)

  expect(key()).not.toBe(before)
})

it('names no two credentials alike, though both refer to the same secret', () => {
  const { keys } = open()

  expect(keys.forCredential(BEARER)()).not.toBe(keys.forCredential(BEARER)())
})

it.each([
  { kind: 'assertion', audience: 'https://api.example' } as const,
  { kind: 'bearer', token: 'env:TOKEN' } as const,
  { kind: 'bearer', token: 'file:/run/token' } as const,
  { kind: 'basic', user: 'ada', password: 'command:["pass","show","api"]' } as const,
])('names nothing that may be another for each request: %o', (config) => {
  expect(open().keys.forCredential(config)()).toBeNull()
})
