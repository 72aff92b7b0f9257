import type { JsonSchema } from '../../../contract/tool.ts'
import { decoded } from './decoded.ts'
import { unescapeStep } from './pointer.ts'

/** A property of an object that a form asks for. */
interface Property {
  readonly name: string
  readonly schema: JsonSchema
  readonly required: boolean
}

/** What a schema looks like to a form: the few kinds of value that have an input of their own; everything else is `json`. */
export type Shape =
  | { readonly kind: 'text'; readonly long: boolean; readonly secret: boolean }
  | { readonly kind: 'number'; readonly integer: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly options: readonly unknown[] }
  | { readonly kind: 'choices'; readonly options: readonly unknown[] }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'list'; readonly item: JsonSchema }
  | { readonly kind: 'map' }
  | { readonly kind: 'object'; readonly properties: readonly Property[] }
  | { readonly kind: 'json' }

/** How deep a form follows nested objects before it asks for JSON instead; also what ends a `$ref` loop. */
const MAX_DEPTH = 5

const LONG =
  /^(content|contents|text|body|message|prompt|code|source|description|sql|markdown|html|data|instructions|note|notes)$/i
const SECRET = /(password|passwd|secret|api_?key|private_?key|^token$|access_?token|credential)/i

/** Whether a value is a JSON object, as opposed to an array or a scalar. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Follow local references (`#/$defs/…`), and see through a union with `null`. What cannot be followed comes back as it is. */
export function settle(schema: unknown, root: JsonSchema): JsonSchema {
  let current: JsonSchema = isObject(schema) ? schema : {}
  for (let hops = 0; hops < 16; hops += 1) {
    const next = followed(current, root) ?? withoutNull(current)
    if (next === undefined) return current
    current = next
  }
  return {}
}

function followed(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined
  let target: unknown = root
  for (const step of decoded(reference.slice(1)).split('/').slice(1)) {
    const name = unescapeStep(step)
    target = isObject(target) && Object.hasOwn(target, name) ? target[name] : undefined
  }
  const { $ref: _, ...beside } = schema
  return isObject(target) ? { ...target, ...beside } : undefined
}

function withoutNull(schema: JsonSchema): JsonSchema | undefined {
  const { type, anyOf, oneOf } = schema
  if (Array.isArray(type) && type.length === 2 && type.includes('null'))
    return { ...schema, type: type.find((one) => one !== 'null') }
  const union = Array.isArray(anyOf) ? anyOf : oneOf
  if (!Array.isArray(union)) return undefined
  const rest = union.filter((one) => !(isObject(one) && one['type'] === 'null'))
  if (rest.length !== 1 || !isObject(rest[0])) return undefined
  const { anyOf: _any, oneOf: _one, ...beside } = schema
  return { ...rest[0], ...beside }
}

/** Which kind of input a schema gets. `name` is the property it stands under, which tells long and secret texts apart. */
export function shapeOf(given: unknown, root: JsonSchema, depth = 0, name = ''): Shape {
  const schema = settle(given, root)
  if ('const' in schema) return { kind: 'constant', value: schema['const'] }
  if (Array.isArray(schema['enum'])) return { kind: 'choice', options: schema['enum'] }
  if (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'] ?? schema['$ref']) return { kind: 'json' }
  switch (schema['type']) {
    case 'string':
      return textShape(schema, name)
    case 'integer':
    case 'number':
      return { kind: 'number', integer: schema['type'] === 'integer' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'array':
      return listShape(schema, root, depth)
    default:
      return schema['type'] === 'object' || isObject(schema['properties']) ? objectShape(schema, root, depth) : { kind: 'json' }
  }
}

function textShape(schema: JsonSchema, name: string): Shape {
  const { format } = schema
  const secret = format === 'password' || schema['writeOnly'] === true || SECRET.test(name)
  return {
    kind: 'text',
    secret,
    long: !secret && format === undefined && (Number(schema['maxLength'] ?? 0) > 400 || LONG.test(name)),
  }
}

function listShape(schema: JsonSchema, root: JsonSchema, depth: number): Shape {
  const item = settle(schema['items'], root)
  if (!isObject(schema['items']) || depth >= MAX_DEPTH) return { kind: 'json' }
  if (Array.isArray(item['enum'])) return { kind: 'choices', options: item['enum'] }
  const inner = shapeOf(item, root, depth + 1).kind
  return inner === 'json' || inner === 'list' || inner === 'map' ? { kind: 'json' } : { kind: 'list', item }
}

function objectShape(schema: JsonSchema, root: JsonSchema, depth: number): Shape {
  const { properties, additionalProperties } = schema
  if (isObject(properties) && Object.keys(properties).length > 0) {
    if (depth >= MAX_DEPTH) return { kind: 'json' }
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    return {
      kind: 'object',
      properties: Object.entries(properties).map(([name, one]) => ({
        name,
        schema: isObject(one) ? one : {},
        required: required.has(name),
      })),
    }
  }
  if (isObject(additionalProperties))
    return settle(additionalProperties, root)['type'] === 'string' ? { kind: 'map' } : { kind: 'json' }
  return depth === 0 || additionalProperties === false ? { kind: 'object', properties: [] } : { kind: 'json' }
}
