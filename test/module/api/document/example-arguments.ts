import { sample, stringMatching } from 'fast-check'
import type { JsonSchema } from '../../../../src/contract/tool.ts'
import { isNode } from '../../../../src/core/schema/schema-walk.ts'
import { isFileSchema } from '../../../../src/module/api/document/file-schema.ts'

/** Deeper than this only what is required is given. */
const FULL_DEPTH = 3
const MAX_DEPTH = 12

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  uuid: '3f0c1c52-6a4b-4f6e-9d0a-0c8b7a5d4e3f',
  email: 'ada@example.com',
  'idn-email': 'ada@example.com',
  uri: 'https://example.com/a',
  url: 'https://example.com/a',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  byte: 'YWJj',
  base64: 'YWJj',
}

/** A file is given in one of two ways, which its schema cannot say in words that all clients know. */
const WITHOUT_REF = { type: 'object', properties: { base64: { type: 'string', format: 'byte' } }, required: ['base64'] }

/** A value that a tool's schema accepts: with everything in it (`full`), or with as little as goes. */
export function exampleArguments(root: JsonSchema, amount: 'full' | 'least'): Record<string, unknown> {
  return exampleOf(root, { root, amount }, 0) as Record<string, unknown>
}

interface Ground {
  readonly root: JsonSchema
  readonly amount: 'full' | 'least'
}

function exampleOf(schema: JsonSchema, ground: Ground, depth: number): unknown {
  if (isFileSchema(schema)) return plainExample(WITHOUT_REF, ground, depth)
  const { $ref, anyOf, allOf, ...rest } = schema
  if (typeof $ref === 'string') {
    const target = (ground.root['$defs'] as JsonSchema)[$ref.slice('#/$defs/'.length)] as JsonSchema
    return exampleOf({ ...target, ...rest }, ground, depth + 1)
  }
  if (Array.isArray(allOf)) return allOf.map((each) => exampleOf({ ...rest, ...each }, ground, depth)).reduce(together)
  if (Array.isArray(anyOf)) return together(plainExample(rest, ground, depth), exampleOf(choiceOf(anyOf, depth), ground, depth))
  return plainExample(rest, ground, depth)
}

const together = (own: unknown, other: unknown): unknown => (isNode(own) && isNode(other) ? { ...own, ...other } : (other ?? own))

/** The first that is no null; far down one that needs nothing below. */
function choiceOf(choices: readonly JsonSchema[], depth: number): JsonSchema {
  const real = choices.filter((each) => each['type'] !== 'null')
  const flat = real.find((each) => each['type'] !== 'object' && each['type'] !== 'array' && each['$ref'] === undefined)
  return (depth > FULL_DEPTH ? (flat ?? choices.find((each) => each['type'] === 'null')) : undefined) ?? real[0] ?? choices[0]!
}

function plainExample(schema: JsonSchema, ground: Ground, depth: number): unknown {
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  switch (schema['type']) {
    case 'object':
      return objectExample(schema, ground, depth)
    case 'array':
      return arrayExample(schema, ground, depth)
    case 'integer':
    case 'number':
      return numberExample(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'string':
      return textExample(schema)
    default:
      return isNode(schema['properties']) ? objectExample(schema, ground, depth) : undefined
  }
}

function objectExample(schema: JsonSchema, ground: Ground, depth: number): unknown {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
  const isFull = ground.amount === 'full' && depth < FULL_DEPTH
  const chosen = properties.filter(([name]) => required.has(name) || isFull)
  const entries = chosen.map(([name, each]): [string, unknown] => [
    name,
    depth > MAX_DEPTH ? null : exampleOf(each, ground, depth + 1),
  ])
  for (const name of required) if (!chosen.some(([own]) => own === name)) entries.push([name as string, 'x'])
  if (entries.length === 0 && schema['minProperties'] === 1) {
    const [name, each] = properties[0] ?? ['1', schema['additionalProperties']]
    entries.push([name, isNode(each) ? exampleOf(each, ground, depth + 1) : 'x'])
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, value === undefined ? 'x' : value]))
}

function arrayExample(schema: JsonSchema, ground: Ground, depth: number): unknown[] {
  const isFull = ground.amount === 'full' && depth < FULL_DEPTH
  const least = (schema['minItems'] as number | undefined) ?? 0
  const most = (schema['maxItems'] as number | undefined) ?? 2
  const prefix = (schema['prefixItems'] ?? []) as JsonSchema[]
  const count = Math.max(least, isFull ? Math.min(most, 1) : 0, prefix.length)
  return Array.from({ length: count }, (_, index) => {
    const value = exampleOf(prefix[index] ?? ((schema['items'] ?? {}) as JsonSchema), ground, depth + 1)
    return value === undefined ? 'x' : schema['uniqueItems'] === true && index > 0 ? distinct(value, index) : value
  })
}

const distinct = (value: unknown, index: number): unknown =>
  typeof value === 'string' ? `${value}${index}` : typeof value === 'number' ? value + index : value

function numberExample(schema: JsonSchema): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<string, number | undefined>
  const step = multipleOf ?? 1
  const least = Math.max(minimum ?? -Infinity, exclusiveMinimum === undefined ? -Infinity : exclusiveMinimum + step)
  const most = Math.min(maximum ?? Infinity, exclusiveMaximum === undefined ? Infinity : exclusiveMaximum - step)
  const wanted = Math.min(Math.max(1, least), most)
  return multipleOf === undefined ? wanted : Math.ceil(wanted / step) * step
}

function textExample(schema: JsonSchema): string {
  const { pattern, minLength, maxLength } = schema
  if (typeof pattern === 'string') return matching(pattern, (minLength as number) ?? 0, (maxLength as number) ?? 1_000)
  const told = /\(format: ([\w-]+)\)/.exec(String(schema['description'] ?? ''))?.[1]
  const text = BY_FORMAT[String(schema['format'] ?? told)] ?? 'abc'
  return text.padEnd((minLength as number) ?? 0, 'x').slice(0, (maxLength as number) ?? undefined)
}

function matching(pattern: string, least: number, most: number): string {
  const found = sample(stringMatching(new RegExp(pattern, 'u')), { numRuns: 100, seed: 7 })
  return found.find((text) => [...text].length >= least && [...text].length <= most && /^[\x21-\x7e]+$/.test(text)) ?? found[0]!
}
