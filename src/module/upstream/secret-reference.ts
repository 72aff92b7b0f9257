import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { childEnvironment } from '../../mcp/client/child-environment.ts'
import type { Definition } from './definition.ts'

const REFERENCE = /\$\{(ENV|FILE):([^}]+)\}/g
const COMMAND_TIMEOUT_MS = 10_000
/** What password managers need besides what every child may see. */
const FOR_PASSWORD_MANAGERS = [
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
]

/** Whether a value refers to a secret instead of being one. */
export const hasReference = (value: string): boolean => value.search(REFERENCE) !== -1

/** A secret that could not be had. The message names it and never holds a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

/** Values for one connect, and which of them must never be shown. */
export interface Resolved {
  readonly values: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/**
 * Look up every reference of a definition, anew at each connect, so that a changed secret needs only a restart of the upstream.
 *
 * @throws SecretError naming the variable and what is missing
 */
export async function resolveSecrets(definition: Definition, env: NodeJS.ProcessEnv = process.env): Promise<Resolved> {
  const written = definition.transport === 'stdio' ? definition.env : definition.headers
  const secrets: string[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(written)) values[name] = await resolveText(name, value, env, secrets)
  for (const [name, argv] of Object.entries(definition.passwordCommand)) {
    const value = await runPasswordCommand(name, argv)
    secrets.push(value)
    values[definition.transport === 'http' ? name.toLowerCase() : name] = value
  }
  return { values, secrets: secrets.filter((secret) => secret.length >= 4) }
}

async function resolveText(name: string, text: string, env: NodeJS.ProcessEnv, secrets: string[]): Promise<string> {
  let resolved = ''
  let end = 0
  for (const found of text.matchAll(REFERENCE)) {
    const secret = await lookUp(name, found[1]!, found[2]!, env)
    secrets.push(secret)
    resolved += text.slice(end, found.index) + secret
    end = found.index + found[0].length
  }
  return resolved + text.slice(end)
}

async function lookUp(name: string, kind: string, key: string, env: NodeJS.ProcessEnv): Promise<string> {
  const value = kind === 'ENV' ? env[key] : await readSecret(name, key)
  if (value === undefined || value === '') {
    const what = kind === 'ENV' ? `the environment variable ${key}, which is not set` : `the file ${key}, which is empty`
    throw new SecretError(`${name} needs ${what}. Set it for the gateway and restart the upstream.`)
  }
  if (/[\r\n\0]/.test(value)) throw new SecretError(`${name}: the value of ${key} has more than one line.`)
  return value
}

async function readSecret(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new SecretError(`${name} needs the file ${path}, which cannot be read (${code}).`, { cause })
  }
}

async function runPasswordCommand(name: string, [command, ...args]: readonly string[]): Promise<string> {
  const own = Object.fromEntries(
    FOR_PASSWORD_MANAGERS.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  )
  const options = { timeout: COMMAND_TIMEOUT_MS, env: childEnvironment(own as Record<string, string>), maxBuffer: 65_536 }
  try {
    const { stdout } = await promisify(execFile)(command!, args, options)
    const value = stdout.trim()
    if (value !== '' && !/[\r\n\0]/.test(value)) return value
  } catch (cause) {
    const { code, killed } = cause as { code?: number | string; killed?: boolean }
    const how = killed ? `took longer than ${COMMAND_TIMEOUT_MS / 1_000} s` : `failed (${code ?? 'killed'})`
    // Without the cause: it carries what the command printed.
    throw new SecretError(`The passwordCommand of ${name} ${how}. Run "${command}" by hand to see why.`)
  }
  throw new SecretError(`The passwordCommand of ${name} printed ${'not exactly one line'}. Its output must be the value alone.`)
}
