import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { RealServer } from './real-servers.ts'

/** How to run a server that lies somewhere under a `node_modules`. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Large ones take a while. */
const INSTALL_MS = 300_000

/** Outside the repository, kept between runs. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse', 'matrix')

/** Install a server of exactly its version, without running anything of it, unless it is there. @returns its `node_modules` */
export async function install({ alias, package: name, version }: RealServer): Promise<string> {
  const dir = join(CACHE, `${alias}-${version}`)
  const modules = join(dir, 'node_modules')
  if ((await manifest(modules, name).catch(() => undefined))?.version === version) return modules
  await mkdir(dir, { recursive: true })
  const flags = ['--prefix', dir, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1', PUPPETEER_SKIP_DOWNLOAD: '1' }
  await promisify(execFile)('npm', ['install', ...flags, `${name}@${version}`], { env, timeout: INSTALL_MS, cwd: dir })
  return modules
}

/** How to run a server that is installed. @throws Error when it has no program or not this version */
export async function commandOf({ package: name, version, args = [], env = {} }: RealServer, modules: string): Promise<Command> {
  const { bin, version: found } = await manifest(modules, name)
  if (found !== version) throw new Error(`${name} is ${found} there, not ${version}`)
  const program = typeof bin === 'string' ? bin : Object.values(bin ?? {})[0]
  if (program === undefined) throw new Error(`${name} has no program`)
  return { command: process.execPath, args: [join(dirname(manifestFile(modules, name)), program), ...args], env }
}

const manifestFile = (modules: string, name: string): string => join(modules, name, 'package.json')

async function manifest(modules: string, name: string) {
  return JSON.parse(await readFile(manifestFile(modules, name), 'utf8')) as {
    readonly version: string
    readonly bin?: string | Readonly<Record<string, string>>
  }
}
