import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeBootKeys } from '../config/boot-keys.ts'
import { Fault } from '../contract/fault.ts'
import { createFirstAdmin } from '../module/access/create-first-admin.ts'
import { configure } from './configure.ts'
import { openAccess } from './open-access.ts'
import type { CommonFlags } from './program.ts'

interface InitFlags extends CommonFlags {
  readonly admin: string
}

const STARTER = (dataDir: string): string => `# Gatehouse. Every key has a default; a misspelt one refuses the start.

[gatehouse]
dataDir = ${JSON.stringify(dataDir)}

[http]
host = "127.0.0.1"
port = 8085

# An MCP server behind the door. Secrets never stand here: keep one with secret_create, or name a variable with env:.
# [upstream.servers.search]
# transport = "http"
# url = "https://mcp.example.com/mcp"
# headers = { Authorization = "Bearer \${secret:search-token}" }
`

/** `gatehouse init`: configuration, keys and first administrator; what exists already stays as it is. */
export async function init(flags: InitFlags): Promise<void> {
  const file = resolve(flags.config ?? 'gatehouse.toml')
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  if (existsSync(file)) say(`${file} exists already and stays as it is.`)
  else {
    writeFileSync(file, STARTER(flags.data ?? 'data'))
    say(`Wrote ${file}.`)
  }
  const config = configure({ ...flags, config: file })
  const made = writeBootKeys(config.keysFile)
  say(
    made
      ? `Wrote new keys to ${config.keysFile} (mode 600). Keep a copy apart from the data.`
      : `${config.keysFile} exists already and stays as it is.`,
  )
  say(await firstAdmin(config, flags.admin))
  say('Start the gateway with gatehouse start.')
}

async function firstAdmin(config: ReturnType<typeof configure>, name: string): Promise<string> {
  const access = await openAccess(config)
  try {
    const { password } = await createFirstAdmin(access, { name })
    return `Made the administrator ${name} with the password ${password} (shown only now).`
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'conflict') return `${thrown.message}`
    throw thrown
  } finally {
    await access.close()
  }
}
