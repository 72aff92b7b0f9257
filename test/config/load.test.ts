import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/load.ts'
import { httpSettings } from '../../src/transport/http-settings.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
  file = join(folder, 'gatehouse.toml')
})
afterEach(() => rmSync(folder, { recursive: true }))

const schemas = {
  http: httpSettings,
  upstream: z.strictObject({
    healthIntervalSeconds: z.int().default(30),
    serversFile: z.string().optional(),
    autoEnable: z.array(z.string()).optional(),
  }),
}
const load = (toml: string, env: NodeJS.ProcessEnv = {}, flags = {}) => {
  writeFileSync(file, toml)
  return loadConfig({ file, env, flags, schemas })
}

test('flags win over the environment, the environment over the file, the file over defaults', () => {
  const config = load(
    '[http]\nport = 1\nhost = "127.0.0.2"\n',
    { GATEHOUSE_PORT: '2', GATEHOUSE_HOST: '127.0.0.3' },
    { http: { port: 3 } },
  )

  expect(config.sections['http']).toMatchObject({ port: 3, host: '127.0.0.3', bodyLimitBytes: 4_194_304 })
  expect(config.sections['upstream']).toEqual({ healthIntervalSeconds: 30 })
})

test('the data folder and the keys file are found from where the file lies', () => {
  const config = load('[gatehouse]\ndataDir = "stores"\n')

  expect(config.dataDir).toBe(join(folder, 'stores'))
  expect(config.keysFile).toBe(join(folder, 'stores', 'keys.env'))
})

test.each([
  ['MCP_GATEWAY_HOST', '127.0.0.9', ['http', 'host'], '127.0.0.9'],
  ['MCP_GATEWAY_PORT', '9001', ['http', 'port'], 9001],
  ['MCP_GATEWAY_CONFIG', '/etc/mcp.json', ['upstream', 'serversFile'], '/etc/mcp.json'],
  ['MCP_GATEWAY_AUTO_ENABLE', 'git, github', ['upstream', 'autoEnable'], ['git', 'github']],
  ['MCP_GATEWAY_HEALTH_INTERVAL', '5', ['upstream', 'healthIntervalSeconds'], 5],
] as const)('the environment variable %s takes effect', (name, value, [section, field], want) => {
  const config = load('', { [name]: value })

  expect((config.sections[section] as Record<string, unknown>)[field]).toEqual(want)
})

test('the log level of the environment may be spelt as other programs spell it', () => {
  expect(load('', { MCP_GATEWAY_LOG_LEVEL: 'WARNING' }).logLevel).toBe('warn')
  expect(load('', { GATEHOUSE_LOG_LEVEL: 'debug', MCP_GATEWAY_LOG_LEVEL: 'ERROR' }).logLevel).toBe('debug')
})

test.each([
  [
    'a misspelt key',
    '[http]\nprot = 1\n',
    {},
    /gatehouse\.toml: \[http\] prot: there is no key by this name\. Did you mean port\?/,
  ],
  ['a misspelt section', '[htpp]\nport = 1\n', {}, /there is no section \[htpp\]\. Did you mean http\?/],
  ['a boot key in the file', '[gatehouse]\nSECRET_KEY_BASE = "x"\n', {}, /SECRET_KEY_BASE: there is no key by this name/],
  ['a value of the wrong type', '[http]\nport = "a"\n', {}, /\[http\] port: .*number/],
  ['broken TOML', '[http\n', {}, /gatehouse\.toml is not valid TOML, line 1/],
  ['a variable that is no number', '', { GATEHOUSE_PORT: 'x' }, /GATEHOUSE_PORT is "x"; a whole number was expected/],
])('%s is refused in words that lead to it', (_title, toml, env, message) => {
  expect(() => load(toml, env)).toThrow(message)
})

test('a file that was asked for and is not there is refused', () => {
  expect(() => loadConfig({ file: join(folder, 'none.toml'), env: {}, flags: {}, schemas })).toThrow(
    /There is no configuration file .*none\.toml/,
  )
})

test('nobody can change the configuration once it is read', () => {
  const config = load('[http]\nallowedHosts = ["a"]\n')

  expect(() => (config.sections['http'] as { allowedHosts: string[] }).allowedHosts.push('b')).toThrow(TypeError)
})

test('sections of other processes can be left to them', () => {
  writeFileSync(file, '[lamp]\nwatts = "many"\n\n[queue]\nworkers = 2\n')
  const among = (others: 'refuse' | 'ignore') =>
    loadConfig({ file, env: {}, flags: {}, schemas: { queue: z.strictObject({ workers: z.int() }) }, others })

  expect(among('ignore').sections).toEqual({ queue: { workers: 2 } })
  expect(() => among('refuse')).toThrow('there is no section [lamp]')
})
