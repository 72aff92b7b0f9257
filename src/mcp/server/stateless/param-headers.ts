import type { IncomingHttpHeaders } from 'node:http'
import type { JsonSchema } from '../../../contract/tool.ts'
import { paramFields } from '../../client/param-fields.ts'
import { isRecord } from '../message.ts'
import { decodeHeader } from './header-value.ts'

type Field = ReturnType<typeof paramFields>['fields'][number]

/** Reading a schema costs more than a call, and it is the same object for all calls. */
const known = new WeakMap<JsonSchema, readonly Field[]>()

/**
 * What is wrong with the `Mcp-Param-*` headers of a call, if anything (MCP 2026-07-28, custom headers from tool parameters).
 *
 * @param schema the tool's; one that marks its arguments wrongly asks for no headers, because clients drop such a tool
 */
export function paramHeaderFault(headers: IncomingHttpHeaders, schema: JsonSchema, args: unknown): string | undefined {
  let fields = known.get(schema)
  if (!fields) {
    const read = paramFields(schema)
    fields = read.faults.length > 0 ? [] : read.fields
    known.set(schema, fields)
  }
  for (const field of fields) {
    const fault = faultOf(headers[field.header], valueAt(args, field.path), field)
    if (fault) return fault
  }
  return undefined
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function faultOf(sent: string | string[] | undefined, value: unknown, { header, path }: Field): string | undefined {
  const argument = path.join('.')
  if (value === undefined || value === null)
    return sent === undefined ? undefined : `The header ${header} is there, but the argument ${argument} is not.`
  // Of another type than a header can say: the tool's own schema refuses it, and says why.
  if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value)) return undefined
  if (typeof sent !== 'string') return `The header ${header} is missing. It repeats the argument ${argument}.`
  const told = decodeHeader(sent)
  if (told === undefined) return `The header ${header} is not encoded as MCP 2026-07-28 asks for.`
  return saysSame(told, value) ? undefined : `The header ${header} is another than the argument ${argument}.`
}

/** Numbers by value: `42.0` and `42` are the same. */
const saysSame = (told: string, value: unknown): boolean =>
  told === String(value) || (typeof value === 'number' && told.trim() !== '' && Number(told) === value)
