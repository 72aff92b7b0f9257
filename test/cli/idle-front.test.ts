import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFront } from './running.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-idle-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const keys = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }

/** What only some requests or upstreams need; megabytes of memory each, or nearly. */
const LATER = ['argon2', 'dockerode', 'handlebars', 'jose', 'js-yaml', 'piscina', 'quickjs-wasi', 'sucrase', 'undici', 'yaml']

test('a front that nobody has asked for anything has loaded nothing that only some requests need', async () => {
  const list = join(folder, 'loaded')
  const hooks = pathToFileURL(resolve('test/fixture/list-loaded.mjs')).href

  const front = await startFront(['--port', '0', '--data', 'data'], folder, {
    ...keys,
    NODE_OPTIONS: `--import ${hooks}`,
    LOADED_FILE: list,
  })
  await front.stop()

  const packages = new Set(readFileSync(list, 'utf8').match(/(?<=\/node_modules\/)(@[^/]+\/)?[^/\n]+/g))
  expect(packages).toContain('fastify')
  expect(LATER.filter((name) => packages.has(name))).toEqual([])
})
