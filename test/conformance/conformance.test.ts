import { describe, expect, it, onTestFinished } from 'vitest'
import { runSuite } from './run-suite.ts'
import { startStand, type Wire } from './stand.ts'

/** Scenarios of the 2025-11-25 requirements that the gateway has to pass today. */
const REQUIRED = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
  'server-session-lifecycle',
  'json-schema-2020-12',
]

describe('The official MCP conformance suite', () => {
  it.each<[Wire]>([['http'], ['stdio']])(
    'finds nothing amiss with an upstream over %s but what is listed',
    async (wire) => {
      const stand = await startStand(wire)
      onTestFinished(() => stand.stop())

      const { exitCode, report } = await runSuite(stand.url)

      expect(exitCode, report.slice(-6_000)).toBe(0)
      for (const scenario of REQUIRED) expect(report).toMatch(new RegExp(`✓ ${scenario}: [1-9]\\d* passed, 0 failed`))
    },
    120_000,
  )
})
