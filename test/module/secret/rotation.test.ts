import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { knownValues } from '../../../src/core/known-values.ts'
import { liveWraps } from '../../../src/module/secret/data-keys.ts'
import { lookAfter } from '../../../src/module/secret/look-after.ts'
import { openSecretStore, type SecretStore } from '../../../src/module/secret/secret.store.ts'
import { readValue, requireSecret } from '../../../src/module/secret/secret-rows.ts'
import { fillSecrets, sampleValue, secretHouse } from './many-secrets.ts'
import { openSecrets } from './open-secrets.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-rotation-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function expectAll(store: SecretStore, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { text } = await readValue(store, await requireSecret(store, `s${index}`))
    expect(text).toBe(sampleValue(index))
  }
}

/** Use secrets, 50 times a second and both ways, until `isOver`. @returns how often */
async function useThem(
  { store, call }: Awaited<ReturnType<typeof openSecrets>>,
  count: number,
  isOver: () => boolean,
): Promise<number> {
  let uses = 0
  const pending: Promise<unknown>[] = []
  const use = async (index: number): Promise<void> => {
    const { value } = await store.secrets.resolve(`Bearer \${secret:s${index}}`, { by: 'test', field: 'TOKEN' })
    expect(value).toBe(`Bearer ${sampleValue(index)}`)
    expect(await call('secret_reveal', { name: `s${index}`, reason: 'test' })).toMatchObject({ value: sampleValue(index) })
  }
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      pending.push(use((uses * 7_919) % count))
      uses += 1
      if (!isOver()) return
      clearInterval(timer)
      resolve()
    }, 20)
  })
  await Promise.all(pending)
  return uses
}

test('10 000 secrets are encrypted anew while they are used 50 times a second, without one error', async () => {
  const count = 10_000
  const opened = await openSecrets({ onDisk: true })
  const { store, call } = opened
  await fillSecrets(store, count)
  const before = store.keyRing.newest.id

  await call('secret_rotate')
  let isOver = false
  const finished = store.rotation.finished().then(() => {
    isOver = true
  })
  const uses = await useThem(opened, count, () => isOver)
  await finished

  expect(uses).toBeGreaterThan(10)
  expect(await call('secret_keys')).toMatchObject({ dataKeys: 1, rotating: false, remaining: 0 })
  expect(store.keyRing.newest.id).not.toBe(before)
  expect((await liveWraps(store.db)).map(({ data_key_id }) => data_key_id)).toEqual([store.keyRing.newest.id])
  await expectAll(store, count)
}, 120_000)

test('what is set during a rotation stands under the new key, and nothing is lost', async () => {
  const { store, call } = await openSecrets()
  await fillSecrets(store, 500)

  await call('secret_rotate')
  await Promise.all(
    Array.from({ length: 40 }, (_, index) => call('secret_set', { name: `s${index}`, value: `set-meanwhile-${index}` })),
  )
  await store.rotation.finished()

  for (let index = 0; index < 40; index++) {
    const answer = await call('secret_reveal', { name: `s${index}`, reason: 'test' })
    expect(answer).toMatchObject({ version: 2, value: `set-meanwhile-${index}` })
  }
  expect(await call('secret_keys')).toMatchObject({ dataKeys: 1, remaining: 0 })
})

test('one that is killed half way goes on with the next start', async () => {
  const count = 2_000
  const first = await openSecretStore(secretHouse(folder))
  await fillSecrets(first, count)
  await first.close()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process/rotate.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) if (Number(line) < count) child.kill('SIGKILL')
  expect(await exited).toEqual([null, 'SIGKILL'])

  const store = await openSecretStore(secretHouse(folder))
  const left = await store.rotation.remaining()
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(2 * count)
  expect((await liveWraps(store.db)).length).toBe(2)
  // Both keys open their rows meanwhile.
  await expectAll(store, count)
  await store.rotation.pickUp()
  await store.rotation.finished()

  expect(await store.rotation.remaining()).toBe(0)
  expect((await liveWraps(store.db)).length).toBe(1)
  await expectAll(store, count)
  await store.close()
  expect(knownValues.any).toBe(false)
}, 60_000)

test('one that a full disk stopped goes on by itself once there is room', async () => {
  const { store, call } = await openSecrets()
  await fillSecrets(store, 200)
  const moved = '(select count(*) from version where data_key_id = new.data_key_id)'
  const full = `create trigger full before update on version when ${moved} >= 100 begin select raise(abort, 'disk full'); end`
  await sql.raw(full).execute(store.db)

  await call('secret_rotate')
  await expect(store.rotation.finished()).rejects.toThrow('disk full')
  expect(await call('secret_keys')).toMatchObject({ dataKeys: 2, rotating: false, remaining: 300 })
  await sql.raw('drop trigger full').execute(store.db)
  await lookAfter(store, Date.now(), new AbortController().signal)
  await store.rotation.finished()

  expect(await call('secret_keys')).toMatchObject({ dataKeys: 1, rotating: false, remaining: 0 })
  await expectAll(store, 200)
})

test('a row that was changed by somebody else stays unreadable, and keeps no other from being moved', async () => {
  const { store, call, refused } = await openSecrets()
  await fillSecrets(store, 120)
  await store.db.updateTable('version').set({ created_by: 'somebody' }).where('name', '=', 's5').execute()
  await store.db.updateTable('secret').set({ issuer: 'somebody' }).where('name', '=', 's7').execute()

  await call('secret_rotate')
  await store.rotation.finished()

  expect(await call('secret_keys')).toMatchObject({ dataKeys: 1, remaining: 0 })
  for (const name of ['s5', 's7'])
    expect(await refused('secret_reveal', { name, reason: 'test' })).toMatchObject({ code: 'unavailable' })
  expect(await call('secret_reveal', { name: 's6', reason: 'test' })).toMatchObject({ value: sampleValue(6) })
})
