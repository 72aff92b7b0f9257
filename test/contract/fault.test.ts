import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAULTS } from '../../src/contract/fault.ts'

const page = readFileSync(new URL('../../asset/docs/faults.md', import.meta.url), 'utf8')

/** Each code's paragraph in the fault reference. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text): [string, string] => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n'))]),
)

test('the fault reference has exactly the codes of the table, in its order', () => {
  expect([...sections.keys()]).toEqual(Object.keys(FAULTS))
})

test.each(Object.entries(FAULTS))('the paragraph on %s gives its numbers and a way out', (code, { http, rpc, retryable }) => {
  const section = sections.get(code)

  expect(section).toContain(`HTTP ${http} · JSON-RPC ${rpc} · retry: ${retryable ? 'yes' : 'no'}\n`)
  expect(section).toMatch(/^Way out: \S/m)
})

test('own JSON-RPC codes lie outside the range that the protocol keeps for itself', () => {
  const fixed = new Set([-32602, -32603])

  for (const [code, { rpc }] of Object.entries(FAULTS)) {
    expect(fixed.has(rpc) || rpc > -32000 || rpc < -32768, code).toBe(true)
  }
})
