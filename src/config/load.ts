import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import { z } from 'zod'
import { fromEnvironment, type RawConfig } from './environment.ts'
import { nearest } from './nearest.ts'
import { Refusal } from './refusal.ts'

/** The section `[gatehouse]`. */
const gatehouseSettings = z.strictObject({
  /** Folder of all stores, relative to the configuration file. */
  dataDir: z.string().min(1).default('data'),
  /** File with the boot keys, mode 600; default `keys.env` in the data folder. The environment wins over it. */
  keysFile: z.string().min(1).optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** Everything the gateway was told, judged and frozen. */
export interface Config {
  /** The file that was read; `undefined` where none was given and none lies in the working folder. */
  readonly file: string | undefined
  /** Absolute. */
  readonly dataDir: string
  /** Absolute. */
  readonly keysFile: string
  readonly logLevel: z.output<typeof gatehouseSettings>['logLevel']
  /** Each further section, by name. */
  readonly sections: Readonly<Record<string, unknown>>
}

interface Sources {
  /** Must exist if given; else `gatehouse.toml` in the working folder, if it is there. */
  readonly file: string | undefined
  readonly env: NodeJS.ProcessEnv
  /** What the command line says, in the shape of the file; wins over everything. */
  readonly flags: RawConfig
  /** Schema of every section besides `[gatehouse]`. */
  readonly schemas: Readonly<Record<string, z.ZodType>>
  /** What to do with sections that have no schema: `ignore` where another process judges them. Default `refuse`. */
  readonly others?: 'refuse' | 'ignore'
}

/**
 * Flags over environment over file over defaults.
 *
 * @throws Refusal naming file, section and key, what was expected, and near matches for a misspelt one
 */
export function loadConfig({ file, env, flags, schemas, others = 'refuse' }: Sources): Config {
  const path = findFile(file)
  const fromFile = path === undefined ? {} : readFile(path)
  const raw = [fromFile, fromEnvironment(env), flags].reduce(merge)
  const all: Record<string, z.ZodType> = { gatehouse: gatehouseSettings, ...schemas }
  const where = path ?? 'The configuration'
  if (others === 'refuse') refuseUnknownSections(where, raw, Object.keys(all))

  const parsed = Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, parseSection(where, name, schema, raw[name])]),
  )
  const { gatehouse, ...sections } = parsed as { gatehouse: z.output<typeof gatehouseSettings> }
  const base = path === undefined ? process.cwd() : dirname(path)
  const dataDir = resolve(base, gatehouse.dataDir)
  const keysFile = gatehouse.keysFile === undefined ? resolve(dataDir, 'keys.env') : resolve(base, gatehouse.keysFile)
  return deepFreeze({ file: path, dataDir, keysFile, logLevel: gatehouse.logLevel, sections })
}

function findFile(file: string | undefined): string | undefined {
  const path = resolve(file ?? 'gatehouse.toml')
  if (existsSync(path)) return path
  if (file === undefined) return undefined
  throw new Refusal(
    `There is no configuration file ${path}. Make one with gatehouse init, or leave out --config to run on defaults.`,
  )
}

function readFile(path: string): RawConfig {
  try {
    return parseToml(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (cause instanceof TomlError)
      throw new Refusal(`${path} is not valid TOML, line ${cause.line}: ${cause.message.split('\n', 1)[0]}`, { cause })
    throw new Refusal(`${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** Sections are joined field by field; fields replace each other. */
function merge(low: RawConfig, high: RawConfig): RawConfig {
  const merged: Record<string, unknown> = { ...low }
  for (const [name, section] of Object.entries(high)) {
    const below = merged[name]
    merged[name] = typeof below === 'object' && below !== null ? { ...below, ...(section as object) } : section
  }
  return merged
}

function refuseUnknownSections(where: string, raw: RawConfig, known: readonly string[]): void {
  for (const name of Object.keys(raw)) {
    if (known.includes(name)) continue
    throw new Refusal(`${where}: there is no section [${name}].${didYouMean(name, known)} Known sections: ${known.join(', ')}.`)
  }
}

function parseSection(where: string, name: string, schema: z.ZodType, raw: unknown): unknown {
  const parsed = schema.safeParse(raw ?? {})
  if (parsed.success) return parsed.data
  throw new Refusal(parsed.error.issues.map((issue) => `${where}: [${name}] ${explain(issue, schema)}`).join('\n'), {
    cause: parsed.error,
  })
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const at = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `${at || 'section'}: ${issue.message}.`
  const known = issue.path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  return issue.keys.map((key) => `${at ? `${at}.` : ''}${key}: there is no key by this name.${didYouMean(key, known)}`).join(' ')
}

function didYouMean(name: string, known: readonly string[]): string {
  const match = nearest(name, known)
  return match === undefined ? '' : ` Did you mean ${match}?`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
