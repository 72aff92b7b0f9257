import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'
import type { BootKeys } from '../core/keys.ts'
import { Refusal } from './refusal.ts'
import { replaceFile } from './replace-file.ts'

/** What each boot key protects; also the list of them. */
const BOOT_KEYS = {
  SECRET_KEY_BASE: 'signs what the gateway hands out and wants back',
  COOKIE_SALT: 'protects web sessions',
  ACCESS_CONTROL_KEY: 'encrypts secrets, and proves that grants, tokens and audit rows were written by the gateway',
} as const satisfies Record<keyof BootKeys, string>

/** Of a boot key, in characters. */
export const MINIMUM_LENGTH = 32

/**
 * The boot keys from the environment, or else from the keys file.
 *
 * @throws Refusal naming the variable that is missing or short, or the file that others can read
 */
export function readBootKeys(env: NodeJS.ProcessEnv, keysFile: string): BootKeys {
  const fromFile = readKeysFile(keysFile)
  const read = (name: keyof BootKeys): string => {
    const value = env[name] ?? fromFile[name]
    if (!value) {
      throw new Refusal(
        `${name} is missing: it ${BOOT_KEYS[name]}. Run gatehouse init to make all keys in ${keysFile}, or set it in the environment (${MINIMUM_LENGTH} characters or more, e.g. from openssl rand -base64 48).`,
      )
    }
    if (value.length < MINIMUM_LENGTH) {
      throw new Refusal(
        `${name} has ${value.length} characters; at least ${MINIMUM_LENGTH} were expected. Make a new one with openssl rand -base64 48.`,
      )
    }
    return value
  }
  return {
    SECRET_KEY_BASE: read('SECRET_KEY_BASE'),
    COOKIE_SALT: read('COOKIE_SALT'),
    ACCESS_CONTROL_KEY: read('ACCESS_CONTROL_KEY'),
  }
}

function readKeysFile(path: string): Readonly<Record<string, string | undefined>> {
  if (!existsSync(path)) return {}
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new Refusal(
      `${path} can be read by others than its owner (mode ${mode.toString(8)}); 600 was expected. Run chmod 600 ${path}.`,
    )
  }
  return parseEnv(readFileSync(path, 'utf8'))
}

/**
 * Make the keys of an installation, in a file that only its owner can read.
 *
 * @param known keys that are not made anew
 * @returns false where the file exists already: keys are never replaced
 */
export function writeBootKeys(path: string, known: Partial<BootKeys> = {}): boolean {
  if (existsSync(path)) return false
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, keysText({ ...newKeys(), ...known }), { mode: 0o600, flag: 'wx' })
  return true
}

/** Put another ACCESS_CONTROL_KEY into a keys file; whatever else stands there stays. */
export function replaceAccessControlKey(path: string, key: string): void {
  const text = readFileSync(path, 'utf8')
  replaceFile(
    path,
    text.replace(/^ACCESS_CONTROL_KEY=.*$/m, () => `ACCESS_CONTROL_KEY=${key}`),
  )
}

/** A new key: 384 random bits. */
export const newKey = (): string => randomBytes(48).toString('base64url')

const newKeys = (): BootKeys => ({ SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() })

const keysText = (keys: BootKeys): string =>
  Object.entries(BOOT_KEYS)
    .map(([name, purpose]) => `# ${purpose}\n${name}=${keys[name as keyof BootKeys]}\n`)
    .join('\n')
