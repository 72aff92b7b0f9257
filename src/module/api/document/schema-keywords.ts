import type { JsonSchema } from '../../../contract/tool.ts'
import { inside, type Site } from './site.ts'

/** Types of JSON Schema. */
export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const
export type SchemaType = (typeof TYPES)[number]

/** What each keyword belongs to, and what its value must be. */
const KEYWORDS = {
  minLength: ['string', isCount],
  maxLength: ['string', isCount],
  pattern: ['string', isPattern],
  minimum: ['number', isNumber],
  maximum: ['number', isNumber],
  exclusiveMinimum: ['number', isNumber],
  exclusiveMaximum: ['number', isNumber],
  multipleOf: ['number', (value: unknown) => isNumber(value) && (value as number) > 0],
  minItems: ['array', isCount],
  maxItems: ['array', isCount],
  uniqueItems: ['array', (value: unknown) => value === true],
  minProperties: ['object', isCount],
  maxProperties: ['object', isCount],
} as const satisfies Record<string, readonly [SchemaType, (value: unknown) => boolean]>

/** Said without harm, so nobody needs to hear that it is left out. */
const SILENT = new Set<unknown>([null, false])

/** Simple keywords of a schema, cleaned. `warn` hears of what is left out. */
export function keywordsOf(
  site: Site,
  type: SchemaType | null,
  warn: (site: Site, message: string) => void,
): Record<string, unknown> {
  const node = site.value as JsonSchema
  const kept: Record<string, unknown> = {}
  for (const [key, [belongsTo, isRight]] of Object.entries(KEYWORDS)) {
    const value = boundOf(node, key)
    if (value === undefined || SILENT.has(value) || !belongs(type, belongsTo)) continue
    if (isRight(value)) kept[key] = value
    else warn(inside(site, key), `Its ${key} is not one that JSON Schema knows, and is left out.`)
  }
  return dropLoose(kept, node)
}

/** Before 3.1 `exclusiveMinimum` is a switch beside `minimum`. */
function boundOf(node: JsonSchema, key: string): unknown {
  if (key === 'exclusiveMinimum' && node[key] === true) return node['minimum']
  if (key === 'exclusiveMaximum' && node[key] === true) return node['maximum']
  return key === 'pattern' ? patternOf(node[key]) : node[key]
}

/** Some write it as JavaScript does, `/^a$/`, which no text could fit; with flags (`/^a$/i`) it cannot be said here. */
function patternOf(pattern: unknown): unknown {
  const [, inner, flags] = (typeof pattern === 'string' && /^\/(\^.*\$)\/([a-z]*)$/s.exec(pattern)) || []
  return inner === undefined ? pattern : flags === '' ? inner : undefined
}

function dropLoose(kept: Record<string, unknown>, node: JsonSchema): Record<string, unknown> {
  if (node['exclusiveMinimum'] === true) delete kept['minimum']
  if (node['exclusiveMaximum'] === true) delete kept['maximum']
  return kept
}

const belongs = (type: SchemaType | null, belongsTo: SchemaType): boolean =>
  type === null || type === belongsTo || (type === 'integer' && belongsTo === 'number')

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 1_000) return false
  try {
    new RegExp(value, 'u')
    return true
  } catch {
    return false
  }
}
