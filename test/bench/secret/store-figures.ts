import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openSecretStore, type SecretStore } from '../../../src/module/secret/secret.store.ts'
import { fillSecrets, sampleValue, secretHouse } from '../../module/secret/many-secrets.ts'

/** What a store of many secrets does, on the disk. */
export interface StoreFigures {
  readonly count: number
  readonly openMs: number
  readonly lookUpUs: number
  readonly rotateMs: number
  readonly slowestWhileRotatingMs: number
}

const USER = { by: 'bench', field: 'TOKEN' }
/** 50 look-ups a second. */
const EVERY_MS = 20

/** Fill, close, open, look up, rotate while it is used. Leaves no file behind. @throws Error for one value that is not what it was */
export async function measureStore(count: number): Promise<StoreFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const first = await openSecretStore(secretHouse(folder))
    await fillSecrets(first, count)
    await first.close()
    const before = performance.now()
    const store = await openSecretStore(secretHouse(folder))
    const openMs = performance.now() - before
    try {
      return { count, openMs, lookUpUs: await lookUpUs(store, count), ...(await rotate(store, count)) }
    } finally {
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function lookUpUs(store: SecretStore, count: number): Promise<number> {
  const times = Math.min(count, 2_000)
  const startedAt = performance.now()
  for (let index = 0; index < times; index++) await lookUp(store, index)
  return ((performance.now() - startedAt) * 1_000) / times
}

async function rotate(store: SecretStore, count: number): Promise<Pick<StoreFigures, 'rotateMs' | 'slowestWhileRotatingMs'>> {
  const startedAt = performance.now()
  let rotateMs = 0
  await store.rotation.begin()
  const finished = store.rotation.finished().then(() => {
    rotateMs = performance.now() - startedAt
  })
  let slowestWhileRotatingMs = 0
  for (let time = 0; rotateMs === 0; time++) {
    const askedAt = performance.now()
    await lookUp(store, (time * 7_919) % count)
    slowestWhileRotatingMs = Math.max(slowestWhileRotatingMs, performance.now() - askedAt)
    await setTimeout(EVERY_MS)
  }
  await finished
  return { rotateMs, slowestWhileRotatingMs }
}

async function lookUp({ secrets }: SecretStore, index: number): Promise<void> {
  const { value } = await secrets.resolve(`secret:s${index}`, USER)
  if (value !== sampleValue(index)) throw new Error(`secret s${index} came back as something else`)
}
