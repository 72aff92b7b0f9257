import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { inside, type Site, textOf } from './site.ts'

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
/** Formats that many clients take as a keyword; they refuse others, which are told in the description instead. */
const FORMATS = new Set(['date-time', 'int32', 'int64', 'float', 'double'])
const MOST_TEXT = 400

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
  return node[key]
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

/** Words for whoever calls: title, description, default, an example and the format. */
export function wordsOf(site: Site, type: SchemaType | null): Record<string, unknown> {
  const node = site.value as JsonSchema
  const format = typeof node['format'] === 'string' ? node['format'].slice(0, 50) : ''
  const isKnown = FORMATS.has(format) && type !== null && (format === 'date-time') === (type === 'string')
  const text = textOf(site, 'description', MOST_TEXT) || textOf(site, 'title', MOST_TEXT)
  const description = format === '' || isKnown ? text : `${text}${text === '' ? '' : ' '}(format: ${format})`
  const example = exampleOf(node)
  return {
    ...(description === '' ? {} : { description }),
    ...(isKnown ? { format } : {}),
    ...(isPlain(node['default']) ? { default: node['default'] } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  }
}

function exampleOf(node: JsonSchema): unknown {
  const { example, examples } = node
  const first = example ?? (Array.isArray(examples) ? examples[0] : undefined)
  return isPlain(first) && (typeof first !== 'string' || first.length <= 100) ? first : undefined
}

/** A value that no reader of a schema could take for a schema. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 20 && value.every((each) => !Array.isArray(each) && isPlain(each))
  return value !== undefined && value !== null && !isNode(value) && (typeof value !== 'string' || value.length <= 1_000)
}
