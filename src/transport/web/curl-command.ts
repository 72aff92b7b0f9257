import type { JsonSchema } from '../../contract/tool.ts'
import { sampleInput } from '../../core/sample-input.ts'
import { isObject } from './schema-form/shape.ts'

interface CurlParts {
  /** The schema as the form reads it: what it calls a password is never written into a command. */
  readonly schema: JsonSchema
  /** Where the gateway is reached. */
  readonly address: string
  /** The REST route under `/api`: `POST /tools/files/read_file`. */
  readonly route: string
  /** The arguments as they were typed so far. */
  readonly value: unknown
}

/** One command that makes the same call over REST: what was typed, and of what must be there the rest, to be filled in. Pure. */
export function curlCommand({ schema, address, route, value }: CurlParts): string {
  const [method = 'POST', path = ''] = route.split(' ')
  const typed = isObject(value) ? value : {}
  const given = new Map(Object.entries(argumentsFor(schema, typed)))
  const filled = path.replaceAll(/:(\w+)/g, (parameter, name: string) => {
    given.delete(name)
    const text = Object.hasOwn(typed, name) ? textOf(typed[name]) : ''
    return text === '' ? parameter : encodeURIComponent(text)
  })
  const isPlain = method === 'GET' || method === 'POST'
  const lines = [
    `curl -sS${isPlain ? '' : ` -X ${method}`} ${quoted(`${address}/api${filled}`)}`,
    "-H 'Authorization: Bearer YOUR_TOKEN'",
  ]
  if (method === 'GET' || method === 'DELETE') {
    if (given.size > 0)
      lines.push('-G', ...[...given].map(([name, one]) => `--data-urlencode ${quoted(`${name}=${textOf(one)}`)}`))
  } else lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(Object.fromEntries(given)))}`)
  return lines.join(' \\\n  ')
}

/** Stands where a person fills something in. */
const BLANK = '…'

function argumentsFor(schema: JsonSchema, typed: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const properties: object = isObject(schema['properties']) ? schema['properties'] : {}
  const secret = Object.entries(properties).flatMap(([name, one]) =>
    isObject(one) && one['format'] === 'password' ? [[name, BLANK]] : [],
  )
  const required = Object.entries(sampleInput(schema)).filter(([name]) => /^[\w-]+$/.test(name))
  const sample = Object.fromEntries(required.map(([name, one]) => [name, one === '' || one === null ? BLANK : one]))
  const kept = secret.filter(([name]) => name! in sample || name! in typed)
  return { ...sample, ...typed, ...Object.fromEntries(kept) }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** One word for a POSIX shell, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
