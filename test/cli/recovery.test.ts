import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { wrapRootKey } from '../../src/config/root-key.ts'
import { createKeys } from '../../src/core/keys.ts'
import { wrapFor } from '../../src/module/secret/wrap-for.ts'
import { type Running, runGatehouse, startFront } from './running.ts'

const VALUE = 'the-value-that-must-come-back-1'

/** An installation with an admin, a token and a secret, which stands still; each test has a copy. */
let template: string
let token: string
let folder: string
let running: Running | undefined

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'gatehouse-recovery-'))
  folder = template
  expect((await run(['init'])).code).toBe(0)
  token = (await run(['token', 'create', '--user', 'admin'])).stdout.trim()
  await start()
  const secret = { name: 'github', value: VALUE, issuer: 'https://github.com/settings/tokens' }
  expect((await ask('/secrets', secret)).status).toBe(200)
  await stop()
})
afterAll(() => rmSync(template, { recursive: true }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-recovery-'))
  cpSync(template, folder, { recursive: true })
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  rmSync(folder, { recursive: true, force: true })
})

const run = (args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) =>
  runGatehouse(args, { cwd: folder, env, input })

const keysFile = (): string => join(folder, 'data', 'keys.env')
const keyNow = (): string => parseEnv(readFileSync(keysFile(), 'utf8'))['ACCESS_CONTROL_KEY']!

async function start(): Promise<void> {
  running = await startFront(['--port', '0'], folder)
}

async function stop(): Promise<void> {
  await running!.stop()
  running = undefined
}

const ask = (path: string, body?: object): Promise<Response> =>
  fetch(`${running!.url}/api${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })

const reveal = async (): Promise<unknown> =>
  ((await (await ask('/secrets/github/reveal', { reason: 'test' })).json()) as { value: unknown }).value

const split = async (shares = 5, threshold = 3): Promise<string[]> => {
  const { stdout, code } = await run(['recovery', 'split', '--shares', String(shares), '--threshold', String(threshold)])
  expect(code).toBe(0)
  return stdout.trim().split('\n')
}

const restore = (shares: readonly string[]) => run(['recovery', 'restore'], { input: `${shares.join('\n')}\n` })

describe('a key that is lost', () => {
  test('comes back from enough shares, and with it secrets, tokens and records', async () => {
    const shares = await split()
    rmSync(keysFile())
    expect((await run(['front'])).stderr).toMatch(/SECRET_KEY_BASE is missing/)

    const restored = await restore([shares[4]!, shares[0]!, shares[2]!])

    expect(restored).toMatchObject({ code: 0 })
    expect(statSync(keysFile()).mode & 0o777).toBe(0o600)
    await start()
    expect(await reveal()).toBe(VALUE)
    await stop()
    expect(await run(['audit', 'verify'])).toMatchObject({ code: 0 })
  })

  test('does not come back from one share short, doubled, misread, mixed or foreign ones', async () => {
    const [one = '', two = '', three = ''] = await split()
    const [other = ''] = await split()
    renameSync(keysFile(), join(folder, 'kept.env'))
    const misread = three.replace(/[2-9]/, (digit) => String(Number(digit) - 1))

    expect((await restore([one, two])).stderr).toMatch(/2 different shares were given; 3 of 5 are needed/)
    expect((await restore([one, two, two])).stderr).toMatch(/2 different shares/)
    expect((await restore([one, two, misread])).stderr).toMatch(/checksum of share 3 does not fit/)
    expect((await restore([one, two, three.slice(0, -1)])).stderr).toMatch(/checksum of share 3/)
    expect((await restore([one, two, other])).stderr).toMatch(/Share 3 is of another set/)
    expect((await restore([])).stderr).toMatch(/No share was given/)
    expect(existsSync(keysFile())).toBe(false)
    expect((await restore([one.toLowerCase(), two.replaceAll('-', ' '), three.replaceAll('0', 'O')])).code).toBe(0)
  })

  test('is not replaced by that of another installation', async () => {
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'))
    await runGatehouse(['init'], { cwd: elsewhere, env: {} })
    const { stdout } = await runGatehouse(['recovery', 'split', '--shares', '2', '--threshold', '2'], { cwd: elsewhere, env: {} })
    rmSync(keysFile())

    const { code, stderr } = await restore(stdout.trim().split('\n'))

    expect(code).toBe(1)
    expect(stderr).toMatch(/encrypted under another ACCESS_CONTROL_KEY/)
    expect(existsSync(keysFile())).toBe(false)
  })

  test('is never written over a keys file that is there', async () => {
    const shares = await split(2, 2)
    const right = readFileSync(keysFile(), 'utf8')
    expect((await restore(shares)).stdout).toMatch(/holds this key already/)
    writeFileSync(keysFile(), right.replace(keyNow(), 'x'.repeat(40)), { mode: 0o600 })

    expect((await run(['check'])).stderr).toMatch(/another ACCESS_CONTROL_KEY/)
    expect((await restore(shares)).stderr).toMatch(/holds another ACCESS_CONTROL_KEY/)
    expect(keyNow()).toBe('x'.repeat(40))
  })

  test.each([
    ['1', '1'],
    ['3', '1'],
    ['2', '3'],
    ['256', '3'],
  ])('is not split into %s shares of which %s are needed', async (shares, threshold) => {
    expect((await run(['recovery', 'split', '--shares', shares, '--threshold', threshold])).code).toBe(1)
  })
})

const keysFrom = (text: string) => {
  const { SECRET_KEY_BASE = '', COOKIE_SALT = '', ACCESS_CONTROL_KEY = '' } = parseEnv(text)
  return { SECRET_KEY_BASE, COOKIE_SALT, ACCESS_CONTROL_KEY }
}

/** Wait until nothing stands under an older key any more. */
const rotated = (): Promise<void> =>
  vi.waitFor(
    async () => expect(await (await ask('/secret-keys')).json()).toMatchObject({ dataKeys: 1, rotating: false, remaining: 0 }),
    10_000,
  )

describe('changing the master key', () => {
  test('happens while the gateway runs, and the old key opens nothing after the restart', async () => {
    await start()
    const before = readFileSync(keysFile(), 'utf8')
    const shares = await split(2, 2)

    expect(await run(['recovery', 'rotate'])).toMatchObject({ code: 0 })
    expect(await reveal()).toBe(VALUE)
    expect((await ask('/secret-keys/rotate', {})).status).toBe(409)
    await stop()
    await start()
    await rotated()

    expect(await reveal()).toBe(VALUE)
    expect(keyNow()).not.toBe(keysFrom(before).ACCESS_CONTROL_KEY)
    await stop()
    expect(await run(['audit', 'verify'])).toMatchObject({ code: 0 })
    const database = new BetterSqlite3(join(folder, 'data', 'secret.sqlite'), { readonly: true })
    const masters = database.prepare('select distinct master_id from data_key where length(sealed) > 0').all()
    database.close()
    expect(masters).toHaveLength(1)
    const after = readFileSync(keysFile(), 'utf8')
    writeFileSync(keysFile(), before)
    expect((await run(['check'])).stderr).toMatch(/ACCESS_CONTROL_KEY is not the one that .*root-key\.json was made under/)
    writeFileSync(keysFile(), after)
    expect((await restore(shares)).code).toBe(1)
  })

  test('can be done again and again', async () => {
    await start()
    for (let time = 0; time < 3; time++) {
      expect(await run(['recovery', 'rotate'])).toMatchObject({ code: 0 })
      await stop()
      await start()
      await rotated()
    }

    expect(await reveal()).toBe(VALUE)
  })

  test('takes the next one from the environment where the current one comes from there', async () => {
    const current = keyNow()
    const next = 'n'.repeat(48)
    const env = { ACCESS_CONTROL_KEY: current }

    expect((await run(['recovery', 'rotate'], { env })).stderr).toMatch(/set ACCESS_CONTROL_KEY_NEXT/)
    expect(await run(['recovery', 'rotate'], { env: { ...env, ACCESS_CONTROL_KEY_NEXT: next } })).toMatchObject({ code: 0 })
    expect(keyNow()).toBe(current)
    running = await startFront(['--port', '0'], folder, { ACCESS_CONTROL_KEY: next })
    await rotated()

    expect(await reveal()).toBe(VALUE)
  })

  // What is on the disk when the command is killed after each of its steps.
  const STEPS = [
    'the new key was written down',
    'the root key was given to it',
    'the data keys were given to it',
    'it took its place',
  ]
  test.each(STEPS)('goes on when it was killed after %s', async (step) => {
    const boot = keysFrom(readFileSync(keysFile(), 'utf8'))
    const next = 'k'.repeat(64)
    const done = STEPS.indexOf(step)
    const dataDir = join(folder, 'data')
    writeFileSync(`${keysFile()}.rotating`, `ACCESS_CONTROL_KEY=${next}\n`, { mode: 0o600 })
    if (done >= 1) wrapRootKey(dataDir, boot.ACCESS_CONTROL_KEY, next)
    if (done >= 2)
      await wrapFor(
        dataDir,
        createKeys(boot),
        createKeys({ ...boot, ACCESS_CONTROL_KEY: next }, boot.ACCESS_CONTROL_KEY),
        Date.now(),
      )
    if (done >= 3)
      writeFileSync(keysFile(), readFileSync(keysFile(), 'utf8').replace(boot.ACCESS_CONTROL_KEY, next), { mode: 0o600 })

    // Whichever key stands in the file, the gateway starts with it.
    await start()
    expect(await reveal()).toBe(VALUE)
    expect(await run(['recovery', 'rotate'])).toMatchObject({ code: 0 })
    await stop()
    await start()
    await rotated()

    expect(await reveal()).toBe(VALUE)
    expect(keyNow()).toBe(next)
    expect(existsSync(`${keysFile()}.rotating`)).toBe(false)
  })
})

test('a rehearsal proves fresh shares and those of the kit on a copy, and leaves the data alone', async () => {
  await start()
  const shares = await split(3, 2)
  copyFileSync(join(folder, 'data', 'secret.sqlite'), join(folder, 'before.sqlite'))

  const fresh = await run(['recovery', 'rehearse'])
  const own = await run(['recovery', 'rehearse', '--shares-stdin'], { input: `${shares[1]}\n${shares[2]}\n` })
  const short = await run(['recovery', 'rehearse', '--shares-stdin'], { input: `${shares[1]}\n` })

  expect(fresh).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/opened 1 secret values and verified the records of \d chains/),
  })
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('your shares') })
  expect(short).toMatchObject({ code: 1, stderr: expect.stringContaining('1 different shares were given') })
  expect(readFileSync(join(folder, 'data', 'secret.sqlite'))).toEqual(readFileSync(join(folder, 'before.sqlite')))
})

test('in an emergency every credential ends in the running gateway, and every secret is named with its issuer', async () => {
  await start()
  expect((await run(['recovery', 'emergency'])).stderr).toMatch(/Say --yes/)
  expect((await ask('/secrets')).status).toBe(200)

  const { stdout } = await run(['recovery', 'emergency', '--yes'])

  expect(stdout).toMatch(/^Revoked 1 tokens, 0 sessions and 0 invitations\.\n/)
  expect(stdout).toMatch(/github\thttps:\/\/github\.com\/settings\/tokens\tset \d{4}-/)
  expect(stdout).not.toContain(VALUE)
  await vi.waitFor(async () => expect((await ask('/secrets')).status).toBe(401), 5_000)
})
