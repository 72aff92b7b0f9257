import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { knownValues } from '../../../src/core/known-values.ts'
import { runCommand } from '../../../src/module/secret/run-command.ts'
import { odd, openUpstreams, type Upstreams } from '../upstream/open-upstreams.ts'
import { openSecrets } from './open-secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-references-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.unstubAllEnvs())

const USER = { by: 'test', field: 'A_TOKEN' }
const node = (script: string): string => `command:${JSON.stringify([process.execPath, '-e', script])}`

async function environmentOf(house: Upstreams): Promise<Record<string, string>> {
  const read = JSON.parse(await house.callText('odd__environment_backwards')) as Record<string, string>
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, [...value].reverse().join('')]))
}

describe('an upstream', () => {
  test('is given the values that its definition refers to, anew at each connect', async () => {
    vi.stubEnv('TEST_REFERENCE', 'from-the-environment')
    const file = join(folder, 'value')
    writeFileSync(file, ' from-a-file\n')
    const env = {
      ...{ A: 'secret:kept', B: `Bearer \${secret:kept}`, C: 'env:TEST_REFERENCE', D: `file:${file}` },
      ...{ E: node('console.log("from-a-command")'), F: 'literal:env:KEPT', G: 'file:./data.db' },
    }
    const house = await openUpstreams({})
    await house.operate('secret_create', { name: 'kept', value: 'kept-value-1' })
    await house.operate('upstream_add', { alias: 'odd', ...odd([], { env, shared: true }) })
    await house.until('odd', 'connected')

    expect(await environmentOf(house)).toMatchObject({
      ...{ A: 'kept-value-1', B: 'Bearer kept-value-1', C: 'from-the-environment', D: 'from-a-file' },
      ...{ E: 'from-a-command', F: 'env:KEPT', G: 'file:./data.db' },
    })
    await house.operate('secret_set', { name: 'kept', value: 'kept-value-2' })
    expect(await environmentOf(house)).toMatchObject({ A: 'kept-value-1' })
    await house.operate('upstream_restart', { alias: 'odd' })
    await house.until('odd', 'connected')

    expect(await environmentOf(house)).toMatchObject({ A: 'kept-value-2', B: 'Bearer kept-value-2' })
    expect(JSON.stringify(house.lines)).not.toMatch(/kept-value|from-a-|from-the/)
    expect(house.lines.filter(({ event }) => event === 'secret.used').map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ name: 'kept', version: 2, by: 'upstream odd', field: 'A' }),
    )
  })

  test('keeps its secret from being removed, until it refers to it no more', async () => {
    const house = await openUpstreams({ fixed: odd([], { enabled: false, env: { A: 'secret:kept' } }) })
    await house.operate('secret_create', { name: 'kept', value: 'kept-value-1' })
    await house.operate('upstream_add', { alias: 'odd', ...odd([], { enabled: false, env: { B: `x \${secret:kept}` } }) })
    const remove = () => house.operate('secret_remove', { name: 'kept' })

    expect((await house.operate('secret_get', { name: 'kept' })).usedBy).toEqual([
      { by: 'upstream fixed', field: 'A' },
      { by: 'upstream odd', field: 'B' },
    ])
    await expect(remove()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('upstream odd (B)') })
    await house.operate('upstream_remove', { alias: 'odd' })

    expect((await house.operate('secret_get', { name: 'kept' })).usedBy).toEqual([{ by: 'upstream fixed', field: 'A' }])
    await expect(remove()).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is in state error, and names the variable, where a reference cannot be had', async () => {
    const house = await openUpstreams({
      missing: odd([], { env: { A_TOKEN: 'secret:missing' } }),
      failing: odd([], {
        env: { A_TOKEN: node('console.log("half-a-secret"); console.error("half-a-secret"); process.exit(4)') },
      }),
      lines: odd([], { env: { A_TOKEN: node('console.log("one-of-two\\ntwo-of-two")') } }),
      unset: odd([], { env: { A_TOKEN: 'env:NO_SUCH_VARIABLE' } }),
    })

    expect((await house.until('missing', 'error')).lastError).toMatch(/^A_TOKEN needs the secret missing, which does not exist/)
    expect((await house.until('failing', 'error')).lastError).toMatch(/^The command of A_TOKEN failed \(4\)/)
    expect((await house.until('lines', 'error')).lastError).toMatch(/^The command of A_TOKEN printed not exactly one line/)
    expect((await house.until('unset', 'error')).lastError).toMatch(/^A_TOKEN needs the environment variable NO_SUCH_VARIABLE/)
    const shown = JSON.stringify([
      house.lines,
      await house.operate('upstream_list'),
      await house.operate('upstream_logs', { alias: 'failing' }),
    ])
    expect(shown).not.toMatch(/half-a-secret|of-two/)
  })

  test('is refused with a reference that cannot be read, which is not repeated', async () => {
    const house = await openUpstreams({})
    const added = house.operate('upstream_add', { alias: 'odd', ...odd([], { env: { A: 'secret:Not A Name' } }) })

    await expect(added).rejects.toMatchObject({ code: 'invalid', message: expect.not.stringContaining('Not A Name') })
  })
})

describe('a command', () => {
  test('is run without a shell', async () => {
    const file = join(folder, 'made')
    const { store } = await openSecrets()

    const { value } = await store.secrets.run(
      [process.execPath, '-p', 'process.argv.slice(1).join("|")', '$(id)', `; touch ${file}`],
      USER,
    )

    expect(value).toBe(`$(id)|; touch ${file}`)
  })

  test('sees nothing of the gateway’s environment but what every child may', async () => {
    vi.stubEnv('TEST_REFERENCE', 'from-the-environment')

    expect(await runCommand([process.execPath, '-p', 'String(process.env.TEST_REFERENCE)'], 'A')).toBe('undefined')
  })

  test('is killed when it takes too long, and says so', async () => {
    const stuck = runCommand([process.execPath, '-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], 'A', 300)

    await expect(stuck).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('The command of A took longer than 0.3 s'),
    })
  })

  test('that prints without end is refused', async () => {
    const endless = runCommand([process.execPath, '-e', 'for (;;) process.stdout.write("x".repeat(65536))'], 'A')

    await expect(endless).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('that does not exist is refused by its name alone', async () => {
    await expect(runCommand(['/no/such/program', 'argument-that-is-secret'], 'A')).rejects.toMatchObject({
      message: expect.stringMatching(/failed \(ENOENT\).*"\/no\/such\/program"/),
    })
    await expect(runCommand(['/no/such/program', 'argument-that-is-secret'], 'A')).rejects.not.toMatchObject({
      message: expect.stringContaining('argument-that-is-secret'),
    })
  })
})

test('a variable that every child process sees is no secret, though a definition refers to it', async () => {
  vi.stubEnv('HOME', '/home/somebody-or-other')
  const { store } = await openSecrets()

  const { value, secrets } = await store.secrets.resolve(`\${env:HOME}/data`, USER)

  expect({ value, secrets }).toEqual({ value: '/home/somebody-or-other/data', secrets: [] })
  expect(knownValues.scrub(value)).toBe(value)
})

test('what a reference brought is known to the scrubber, the values before it too, and forgotten with the house', async () => {
  const { store, house } = await openSecrets()
  for (const value of ['first-of-them-1', 'second-of-them-2']) {
    vi.stubEnv('TEST_REFERENCE', value)
    await store.secrets.resolve('env:TEST_REFERENCE', USER)
  }

  expect(knownValues.scrub('first-of-them-1 second-of-them-2')).toBe('[redacted] [redacted]')
  await house.close()

  expect(knownValues.scrub('first-of-them-1')).toBe('first-of-them-1')
})

test('a file that cannot be a secret is not read to its end', async () => {
  const { store } = await openSecrets()
  const file = join(folder, 'long')
  writeFileSync(file, 'x'.repeat(65_537))
  const most = join(folder, 'most')
  writeFileSync(most, 'x'.repeat(65_536))

  for (const path of [file, '/dev/zero'])
    await expect(store.secrets.resolve(`file:${path}`, USER)).rejects.toMatchObject({ code: 'unavailable' })
  expect((await store.secrets.resolve(`file:${most}`, USER)).value).toHaveLength(65_536)
})
