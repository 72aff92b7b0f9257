import { Fault } from '../../contract/fault.ts'
import { SECRET_NAME } from '../../core/reference.ts'

/** Fields that mean nothing here, because they are about the other program's own questions to its user, or about the look of a list. */
const IDLE = new Set([
  'alwaysAllow',
  'autoApprove',
  'description',
  'dev',
  'gallery',
  'icon',
  'name',
  'note',
  'notes',
  'source',
  'timeout',
  'trust',
  'version',
])

type Fields = Readonly<Record<string, unknown>>

/**
 * A server as another program wrote it, in our words. Fields that only that program understands are left out; what would change the meaning if it
 * were left out stays, to be refused.
 *
 * @throws Fault `invalid` for a variable that means nothing here
 */
export function fromForeign(raw: unknown): unknown {
  if (!isFields(raw)) return raw
  const { disabled, isActive, serverUrl, httpUrl, transportType, tools, ...rest } = Object.fromEntries(
    Object.entries(raw).filter(([key]) => !IDLE.has(key)),
  )
  const url = rest['url'] ?? httpUrl ?? serverUrl
  return translated({
    ...(transportType !== undefined && { type: transportType }),
    ...rest,
    ...(url !== undefined && { url }),
    ...(rest['type'] === 'local' && { type: 'stdio' }),
    // GitHub's agents list the tools that they may use; "*" is all of them.
    ...(tools !== undefined && !(Array.isArray(tools) && tools.includes('*')) && { tools }),
    ...((disabled === true || isActive === false) && { enabled: false }),
  })
}

/** Variables stand for something in values of variables and headers; elsewhere nobody would look them up. */
function translated(server: Fields): Fields {
  for (const [field, value] of Object.entries(server))
    requirePlain(`/${field}`, field === 'env' || field === 'headers' ? '' : value)
  return {
    ...server,
    ...(isFields(server['env']) && { env: inFields('/env', server['env']) }),
    ...(isFields(server['headers']) && { headers: inFields('/headers', server['headers']) }),
  }
}

const inFields = (path: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, inValue(`${path}/${name}`, value)]))

function inValue(path: string, value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value.replace(VARIABLE, (whole, inner: string) => reference(path, whole, inner)) : value
}

const VARIABLE = /\$\{([^}]*)\}/g

/** What a variable of another program is here: its environment is ours, and what it asked its user for is a secret. */
function reference(path: string, whole: string, inner: string): string {
  if (/^(secret|env|file|command):/i.test(inner)) return whole
  if (/^[A-Z_][A-Z0-9_]*$/.test(inner)) return `\${env:${inner}}`
  const asked = inner.startsWith('input:') ? inner.slice('input:'.length).toLowerCase() : ''
  if (SECRET_NAME.test(asked)) return `\${secret:${asked}}`
  throw refused(path, `${whole} means nothing here. Write secret:<name>, env:NAME or file:/path, or the value itself`)
}

function requirePlain(path: string, value: unknown): void {
  if (Array.isArray(value)) for (const [index, one] of value.entries()) requirePlain(`${path}/${index}`, one)
  const [found] = typeof value === 'string' ? (value.match(VARIABLE) ?? []) : []
  if (found !== undefined)
    throw refused(
      path,
      `${found} is not looked up here, but only in env and headers. Write what it stands for, or hand it over there`,
    )
}

const refused = (path: string, message: string): Fault =>
  new Fault('invalid', `${path}: ${message}.`, { details: [{ path, message }] })

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
