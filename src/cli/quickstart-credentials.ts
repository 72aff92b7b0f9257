import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { AccessStore } from '../module/access/access.store.ts'
import { createFirstAdmin } from '../module/access/create-first-admin.ts'
import { createToken } from '../module/access/create-token.ts'

const Credentials = z.strictObject({ token: z.string(), admin: z.strictObject({ name: z.string(), password: z.string() }) })

export type QuickstartCredentials = z.output<typeof Credentials>

/** Kept beside the stores, readable by the owner only, so that a second quickstart on the same folder prints the same. */
export async function quickstartCredentials(access: AccessStore, dataDir: string): Promise<QuickstartCredentials> {
  const file = join(dataDir, 'quickstart.json')
  if (existsSync(file)) return Credentials.parse(JSON.parse(readFileSync(file, 'utf8')))
  const admin = await createFirstAdmin(access, { name: 'admin' })
  const { token } = await createToken(access, {
    userName: admin.name,
    label: 'quickstart agent',
    scope: 'partial',
    keys: ['tool:*', 'prompt:*', 'resource:*', 'result.read'],
    expiresAt: null,
  })
  const credentials = { token, admin: { name: admin.name, password: admin.password } }
  writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 })
  return credentials
}
