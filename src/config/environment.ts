import { Refusal } from './refusal.ts'

type Kind = 'text' | 'integer' | 'list'

/** Environment variables that override the file, and where each lands. The `MCP_GATEWAY_*` names are kept for installations that move over. */
const ENVIRONMENT = {
  GATEHOUSE_HOST: { path: ['http', 'host'], kind: 'text' },
  GATEHOUSE_PORT: { path: ['http', 'port'], kind: 'integer' },
  GATEHOUSE_PUBLIC_URL: { path: ['http', 'publicUrl'], kind: 'text' },
  GATEHOUSE_DATA_DIR: { path: ['gatehouse', 'dataDir'], kind: 'text' },
  GATEHOUSE_KEYS_FILE: { path: ['gatehouse', 'keysFile'], kind: 'text' },
  GATEHOUSE_LOG_LEVEL: { path: ['gatehouse', 'logLevel'], kind: 'text' },
  GATEHOUSE_SERVERS_FILE: { path: ['upstream', 'serversFile'], kind: 'text' },
  GATEHOUSE_AUTO_ENABLE: { path: ['upstream', 'autoEnable'], kind: 'list' },
  GATEHOUSE_HEALTH_INTERVAL: { path: ['upstream', 'healthIntervalSeconds'], kind: 'integer' },
  MCP_GATEWAY_HOST: { path: ['http', 'host'], kind: 'text' },
  MCP_GATEWAY_PORT: { path: ['http', 'port'], kind: 'integer' },
  MCP_GATEWAY_LOG_LEVEL: { path: ['gatehouse', 'logLevel'], kind: 'text' },
  MCP_GATEWAY_CONFIG: { path: ['upstream', 'serversFile'], kind: 'text' },
  MCP_GATEWAY_AUTO_ENABLE: { path: ['upstream', 'autoEnable'], kind: 'list' },
  MCP_GATEWAY_HEALTH_INTERVAL: { path: ['upstream', 'healthIntervalSeconds'], kind: 'integer' },
} as const satisfies Record<string, { readonly path: readonly [string, string]; readonly kind: Kind }>

/** Sections and fields, before they are judged. */
export type RawConfig = Readonly<Record<string, unknown>>

/** What the environment says, in the shape of the file. `GATEHOUSE_*` wins over `MCP_GATEWAY_*`. */
export function fromEnvironment(env: NodeJS.ProcessEnv): RawConfig {
  const sections: Record<string, Record<string, unknown>> = {}
  for (const [name, { path, kind }] of Object.entries(ENVIRONMENT).reverse()) {
    const value = env[name]
    if (value === undefined || value === '') continue
    const [section, field] = path
    sections[section] = { ...sections[section], [field]: parse(name, value, kind) }
  }
  return sections
}

function parse(name: string, value: string, kind: Kind): unknown {
  if (kind === 'list')
    return value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
  if (kind === 'text') return name.endsWith('LOG_LEVEL') ? logLevel(value) : value
  if (!/^\d+$/.test(value))
    throw new Refusal(`The environment variable ${name} is ${JSON.stringify(value)}; a whole number was expected.`)
  return Number(value)
}

/** DEBUG, INFO, WARNING and ERROR are spelt in many ways. */
const logLevel = (value: string): string => (value.toLowerCase() === 'warning' ? 'warn' : value.toLowerCase())
