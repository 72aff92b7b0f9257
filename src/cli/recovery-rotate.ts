import { existsSync, readFileSync, rmSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { MINIMUM_LENGTH, newKey, readBootKeys, replaceAccessControlKey } from '../config/boot-keys.ts'
import { Refusal } from '../config/refusal.ts'
import { replaceFile } from '../config/replace-file.ts'
import { readRootKey, wrapRootKey } from '../config/root-key.ts'
import { createKeys } from '../core/keys.ts'
import { wrapFor } from '../module/secret/wrap-for.ts'
import { configure, type FrontConfig } from './configure.ts'
import type { CommonFlags } from './program.ts'

/**
 * `gatehouse recovery rotate`: a new ACCESS_CONTROL_KEY. Everything is first given to both keys, and only then the new one takes the place
 * of the old; so it may be broken off anywhere and run again.
 */
export async function rotateCommand(flags: CommonFlags): Promise<void> {
  const config = configure(flags)
  const boot = readBootKeys(process.env, config.keysFile)
  const isInEnvironment = Boolean(process.env['ACCESS_CONTROL_KEY'])
  const nextFile = `${config.keysFile}.rotating`
  const next = isInEnvironment ? nextFromEnvironment() : nextFromFile(nextFile)
  if (next === boot.ACCESS_CONTROL_KEY) {
    rmSync(nextFile, { force: true })
    process.stdout.write('The ACCESS_CONTROL_KEY was changed already. Restart the gateway, if that was not done.\n')
    return
  }
  const dataKeys = await giveToBoth(config, boot, next)
  if (!isInEnvironment) {
    replaceAccessControlKey(config.keysFile, next)
    rmSync(nextFile)
  }
  process.stdout.write(
    `${dataKeys} data keys are open to the new ACCESS_CONTROL_KEY as well as to the old one. ${isInEnvironment ? 'Put the new one into the environment of the gateway' : `The new one stands in ${config.keysFile}`} and restart the gateway: it then encrypts every secret anew, and the old key opens nothing any more. Shares of the old key are void: run gatehouse recovery split.\n`,
  )
}

async function giveToBoth(config: FrontConfig, boot: ReturnType<typeof readBootKeys>, next: string): Promise<number> {
  const root = readRootKey(config.dataDir, boot.ACCESS_CONTROL_KEY)
  wrapRootKey(config.dataDir, boot.ACCESS_CONTROL_KEY, next)
  return wrapFor(config.dataDir, createKeys(boot, root), createKeys({ ...boot, ACCESS_CONTROL_KEY: next }, root), Date.now())
}

function nextFromEnvironment(): string {
  const next = process.env['ACCESS_CONTROL_KEY_NEXT'] ?? ''
  if (next.length >= MINIMUM_LENGTH) return next
  throw new Refusal(
    `ACCESS_CONTROL_KEY comes from the environment, so its successor must too: set ACCESS_CONTROL_KEY_NEXT (${MINIMUM_LENGTH} characters or more, e.g. from openssl rand -base64 48) and run this again.`,
  )
}

/** Written down before anything is given to it, so that a second run goes on with the same one. */
function nextFromFile(path: string): string {
  if (!existsSync(path)) replaceFile(path, `ACCESS_CONTROL_KEY=${newKey()}\n`)
  const next = parseEnv(readFileSync(path, 'utf8'))['ACCESS_CONTROL_KEY']
  if (next && next.length >= MINIMUM_LENGTH) return next
  throw new Refusal(`${path} holds no ACCESS_CONTROL_KEY. Remove it and run this again.`)
}
