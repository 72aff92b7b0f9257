import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { configureWorker } from '../../src/cli/configure-worker.ts'

/** A configuration file that lies there as long as the test runs. */
function configured(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'gatehouse.toml')
  writeFileSync(file, text)
  return file
}

test('a worker goes by the rules for what leaves', () => {
  const config = configured('[egress]\nports = [8443]\n\n[[egress.allow]]\nhost = "API.internal"\nhttp = true\nports = "any"\n')

  expect(configureWorker({ config }).egress).toEqual({
    allow: [{ host: 'api.internal', http: true, ports: 'any' }],
    ports: [8443],
    upstreams: 'any',
  })
})

test.each(['host = "https://api.internal"', 'host = "*"', 'host = "a"\nhttps = false', 'host = "a"\nports = [0]'])(
  'an entry that means nothing stops the start: %s',
  (entry) => {
    const config = configured(`[[egress.allow]]\n${entry}\n`)

    expect(() => configureWorker({ config })).toThrow('[egress]')
  },
)
