import type { IncomingHttpHeaders } from 'node:http'
import type { JsonSchema } from '../../../contract/tool.ts'
import { isRecord } from '../message.ts'
import { decodeHeader } from './header-value.ts'

/** One argument that clients repeat in a header. */
interface HeaderParam {
  /** As Node spells it, `mcp-param-region`. */
  readonly header: string
  /** Where the argument stands, from the root of the arguments on. */
  readonly path: readonly string[]
}

/** A field name of HTTP (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Schemas are deeper than this by accident or by malice only. */
const MAX_DEPTH = 32

const known = new WeakMap<JsonSchema, readonly HeaderParam[]>()

/**
 * What is wrong with the `Mcp-Param-*` headers of a call, if anything (MCP 2026-07-28, custom headers from tool parameters).
 *
 * @param schema the tool's; what it marks wrongly is not asked for, because clients drop such a tool
 */
export function paramHeaderFault(headers: IncomingHttpHeaders, schema: JsonSchema, args: unknown): string | undefined {
  let params = known.get(schema)
  if (!params) {
    params = [...headerParams(schema, [])]
    known.set(schema, params)
  }
  for (const param of params) {
    const fault = faultOf(headers[param.header], valueAt(args, param.path), param)
    if (fault) return fault
  }
  return undefined
}

function* headerParams(schema: unknown, path: readonly string[]): Generator<HeaderParam> {
  const properties = isRecord(schema) ? schema['properties'] : undefined
  if (!isRecord(properties) || path.length === MAX_DEPTH) return
  for (const [key, property] of Object.entries(properties)) {
    if (!isRecord(property)) continue
    const name = property['x-mcp-header']
    if (typeof name === 'string' && TOKEN.test(name)) yield { header: `mcp-param-${name.toLowerCase()}`, path: [...path, key] }
    yield* headerParams(property, [...path, key])
  }
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function faultOf(sent: string | string[] | undefined, value: unknown, { header, path }: HeaderParam): string | undefined {
  const field = path.join('.')
  if (value === undefined || value === null)
    return sent === undefined ? undefined : `The header ${header} is there, but the argument ${field} is not.`
  // Objects and arrays have no header; the tool's own schema refuses them.
  if (typeof value === 'object') return undefined
  if (typeof sent !== 'string') return `The header ${header} is missing. It repeats the argument ${field}.`
  const told = decodeHeader(sent)
  if (told === undefined) return `The header ${header} is not encoded as MCP 2026-07-28 asks for.`
  return saysSame(told, value) ? undefined : `The header ${header} is another than the argument ${field}.`
}

/** Numbers by value: `42.0` and `42` are the same. */
const saysSame = (told: string, value: unknown): boolean =>
  told === String(value) || (typeof value === 'number' && told.trim() !== '' && Number(told) === value)
