import { hkdfSync } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Sealed, seal, unseal } from '../core/envelope.ts'
import { Refusal } from './refusal.ts'
import { replaceFile } from './replace-file.ts'

/** The ACCESS_CONTROL_KEY that an installation began with, encrypted under the one of today; two of these while it changes. */
interface Wrap extends Sealed {
  readonly masterId: string
}

const RootKeyFile = z.strictObject({
  version: z.literal(1),
  wraps: z.array(z.strictObject({ masterId: z.string(), nonce: z.string(), sealed: z.string() })).min(1),
})

const pathOf = (dataDir: string): string => join(dataDir, 'root-key.json')
const derive = (key: string, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, 'gatehouse', purpose, 32))
const masterIdOf = (key: string): string => derive(key, 'root-key-id').toString('hex', 0, 8)
const bindingOf = (masterId: string) => ['gatehouse root key 1', masterId] as const

/**
 * The key that seals, digests and chains stand on: the first ACCESS_CONTROL_KEY of the installation, however often it was rotated since.
 *
 * @param current the ACCESS_CONTROL_KEY of today
 * @throws Refusal where the file was made under another one, or changed
 */
export function readRootKey(dataDir: string, current: string): string {
  const wraps = readWraps(dataDir)
  if (wraps.length === 0) return current
  const masterId = masterIdOf(current)
  const mine = wraps.find((wrap) => wrap.masterId === masterId)
  const root = mine && unseal(derive(current, 'root-key'), mine, bindingOf(masterId))
  if (root) return root.toString('utf8')
  throw new Refusal(
    `ACCESS_CONTROL_KEY is not the one that ${pathOf(dataDir)} was made under. Set the one that belongs to this data folder, or bring it back from the recovery kit with gatehouse recovery restore; see ops/recovery.md.`,
  )
}

/** Let a further ACCESS_CONTROL_KEY stand for the root key, beside the current one. Twice is as good as once. */
export function wrapRootKey(dataDir: string, current: string, next: string): void {
  const root = readRootKey(dataDir, current)
  write(dataDir, [wrapOf(current, root), wrapOf(next, root)])
}

/** From now on no ACCESS_CONTROL_KEY before the current one stands for it; one that is to follow still does. */
export function dropOlderWraps(dataDir: string, current: string): void {
  const wraps = readWraps(dataDir)
  const own = wraps.findIndex(({ masterId }) => masterId === masterIdOf(current))
  if (own > 0) write(dataDir, wraps.slice(own))
}

function write(dataDir: string, wraps: readonly Wrap[]): void {
  const lines = wraps.map(({ masterId, nonce, sealed }) => ({
    ...{ masterId, nonce: nonce.toString('base64'), sealed: sealed.toString('base64') },
  }))
  replaceFile(pathOf(dataDir), `${JSON.stringify({ version: 1, wraps: lines })}\n`)
}

function wrapOf(key: string, root: string): Wrap {
  const masterId = masterIdOf(key)
  return { masterId, ...seal(derive(key, 'root-key'), Buffer.from(root, 'utf8'), bindingOf(masterId)) }
}

function readWraps(dataDir: string): Wrap[] {
  const path = pathOf(dataDir)
  if (!existsSync(path)) return []
  const parsed = RootKeyFile.safeParse(parseJson(readFileSync(path, 'utf8')))
  if (!parsed.success) throw new Refusal(`${path} was changed and cannot be read. Restore it from a backup of the data folder.`)
  return parsed.data.wraps.map((wrap) => ({
    masterId: wrap.masterId,
    nonce: Buffer.from(wrap.nonce, 'base64'),
    sealed: Buffer.from(wrap.sealed, 'base64'),
  }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
