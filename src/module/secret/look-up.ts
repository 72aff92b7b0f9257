import { open } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { Fault } from '../../contract/fault.ts'
import type { ResolvedText, Secrets, SecretUser } from '../../contract/secrets.ts'
import { knownValues } from '../../core/known-values.ts'
import { parseText, type Reference } from '../../core/reference.ts'
import { isSecretField, redactText } from '../../core/secret-text.ts'
import { PASSED_ON } from '../../mcp/client/child-environment.ts'
import { runCommand } from './run-command.ts'
import type { SecretStore } from './secret.store.ts'
import { readValue, requireSecret } from './secret-rows.ts'

type Ground = Pick<SecretStore, 'db' | 'keyRing' | 'knownAs' | 'house' | 'uses'>

/** As much as a command may print. */
const MAX_FILE_BYTES = 65_536

/** Values of one place that stay known after it was looked up again: somebody may still work with an earlier one. */
const KEPT_VALUES = 8

/** Looks values up, and lets the scrubber know each that comes out. */
export function createLookUp(ground: Ground): Secrets {
  const note = takeNotes(ground)
  const found = async (reference: Reference, user: SecretUser): Promise<string> => {
    try {
      const value = await lookUp(ground, reference, user, note.used)
      note.counted(reference.kind, 'ok')
      return value
    } catch (thrown) {
      note.counted(reference.kind, 'failed')
      throw thrown
    }
  }
  return {
    async resolve(text, user) {
      const secrets: string[] = []
      const parts: string[] = []
      for (const part of parseText(text)) {
        const value = typeof part === 'string' ? part : await found(part, user)
        if (isSecret(part)) secrets.push(value)
        parts.push(value)
      }
      note.learned(user, secrets)
      return { value: parts.join(''), secrets }
    },
    async variables(path, { by, field }) {
      const text = await found({ kind: 'file', path }, { by, field })
      const variables = Object.entries(parseEnv(text)).map(([name, value = '']) => {
        const secrets = isSecretField(name, value) || redactText(value) !== value ? [value] : []
        note.learned({ by, field: name }, secrets)
        return [name, { value, secrets }] as const
      })
      return Object.fromEntries(variables)
    },
    async run(argv, user): Promise<ResolvedText> {
      const value = await found({ kind: 'command', argv }, user)
      note.learned(user, [value])
      return { value, secrets: [value] }
    },
    declare: (by, texts) => ground.uses.declare(by, texts),
  }
}

/** `HOME` and its like are seen by every child process; to hide them would hide every path below them. */
const isSecret = (part: string | Reference): boolean =>
  typeof part !== 'string' && !(part.kind === 'env' && PASSED_ON.includes(part.name))

async function lookUp(
  ground: Ground,
  reference: Reference,
  user: SecretUser,
  used: (name: string, version: number, user: SecretUser) => void,
): Promise<string> {
  if (reference.kind === 'env') return requireText(process.env[reference.name], user, `environment variable ${reference.name}`)
  if (reference.kind === 'file') return requireText(await read(reference.path, user), user, `file ${reference.path}`)
  if (reference.kind === 'command') return runCommand(reference.argv, user.field)
  const row = await requireSecret(ground, reference.name).catch((thrown: unknown) => {
    if (!(thrown instanceof Fault && thrown.code === 'not_found')) throw thrown
    const name = reference.name
    throw new Fault('unavailable', `${user.field} needs the secret ${name}, which does not exist. Make it with secret_create.`)
  })
  const { text, version } = await readValue(ground, row)
  used(row.name, version, user)
  return text
}

function requireText(value: string | undefined, { field }: SecretUser, what: string): string {
  if (value) return value
  const why = what.startsWith('file') ? 'which is empty' : 'which is not set'
  throw new Fault('unavailable', `${field} needs the ${what}, ${why}. Set it for the gateway and connect again.`)
}

async function read(path: string, { field }: SecretUser): Promise<string> {
  const bytes = await beginningOf(path).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new Fault('unavailable', `${field} needs the file ${path}, which cannot be read (${code}).`, { cause })
  })
  if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8').trim()
  throw new Fault(
    'unavailable',
    `${field} needs the file ${path}, which has more than ${MAX_FILE_BYTES} bytes and so is no secret.`,
  )
}

/** As much as shows whether it is too long: a device has no end. */
async function beginningOf(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1)
    let length = 0
    for (let read = 1; read > 0 && length < buffer.length; length += read)
      read = (await handle.read(buffer, length, buffer.length - length)).bytesRead
    return buffer.subarray(0, length)
  } finally {
    await handle.close()
  }
}

/** Who used what is logged once per version and place, so that a credential of every call does not fill the log. */
function takeNotes({ house, knownAs }: Ground) {
  const seen = new Set<string>()
  const recent = new Map<string, readonly string[]>()
  const lookups = house.meter?.counter(
    'gatehouse_secret_lookups_total',
    'References that were looked up, by kind and how it went.',
    ['kind', 'outcome'],
  )
  return {
    counted: (kind: Reference['kind'], outcome: 'ok' | 'failed') => lookups?.add({ kind, outcome }),
    learned({ by, field }: SecretUser, values: readonly string[]): void {
      if (values.length === 0) return
      const key = `${knownAs}at ${by} ${field}`
      const before = recent.get(key) ?? []
      if (values.every((value) => before.includes(value))) return
      const now = [...new Set([...values, ...before])].slice(0, KEPT_VALUES)
      recent.set(key, now)
      knownValues.set(key, now)
    },
    used(name: string, version: number, { by, field }: SecretUser): void {
      const key = `${name} ${version} ${by} ${field}`
      if (seen.has(key)) return
      seen.add(key)
      house.log.info({ name, version, by, field }, 'secret.used')
    },
  }
}
