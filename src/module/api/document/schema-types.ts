import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import type { ProblemList } from './problem-list.ts'
import { type SchemaType, TYPES } from './schema-keywords.ts'
import { inside, type Site } from './site.ts'

const MOST_VALUES = 1_000
const MOST_TOLD = 20

/** How people write types that have another name here. */
const MEANT: Readonly<Record<string, SchemaType>> = {
  ...{ int: 'integer', long: 'integer', float: 'number', double: 'number', decimal: 'number' },
  ...{ bool: 'boolean', str: 'string', text: 'string', uuid: 'string', date: 'string', datetime: 'string', list: 'array' },
}

/** The types that a schema names, `null` aside where it is one of several; none where it names none, or one that does not exist. */
export function typesOf(site: Site, problems: ProblemList): SchemaType[] {
  const { type } = site.value as JsonSchema
  if (type === undefined || type === null || type === '') return []
  const all = (Array.isArray(type) ? type : [type]).map((each) => meant(each, inside(site, 'type'), problems))
  const known = all.filter((each): each is SchemaType => (TYPES as readonly unknown[]).includes(each))
  if (known.length < all.length) {
    const unknown = all.find((each) => !(TYPES as readonly unknown[]).includes(each))
    problems.warn(inside(site, 'type'), `The type ${JSON.stringify(unknown)?.slice(0, 50)} does not exist; anything is accepted.`)
  }
  return known.length < all.length ? [] : known.length === 1 ? known : [...new Set(known.filter((each) => each !== 'null'))]
}

function meant(type: unknown, site: Site, problems: ProblemList): unknown {
  if (typeof type !== 'string' || (TYPES as readonly string[]).includes(type)) return type
  const lower = type.toLowerCase()
  const found = TYPES.find((each) => each === lower) ?? (Object.hasOwn(MEANT, lower) ? MEANT[lower] : undefined)
  if (found) problems.warn(site, `The type ${type} does not exist; ${found} is meant.`)
  return found ?? type
}

/** The type that a schema without one can only have. */
export function guessType(node: JsonSchema): SchemaType | null {
  if (isNode(node['properties']) || isNode(node['additionalProperties']) || Array.isArray(node['required'])) return 'object'
  if (isNode(node['items']) || Array.isArray(node['prefixItems'])) return 'array'
  const kinds = new Set(valuesOf(node).map((value) => (value === null ? 'null' : typeof value)))
  if (kinds.size === 1 && kinds.has('null')) return 'null'
  kinds.delete('null')
  const [kind] = kinds
  return kinds.size === 1 && (kind === 'string' || kind === 'number' || kind === 'boolean') ? kind : null
}

const valuesOf = (node: JsonSchema): unknown[] =>
  Array.isArray(node['enum']) ? node['enum'] : 'const' in node ? [node['const']] : []

/** Its list of values, as far as they are of a type. */
export function enumOf(node: JsonSchema, type: SchemaType | null): JsonSchema {
  const fitting = plainValues(node).filter((value) => fits(value, type))
  return fitting.length === 0 || fitting.length > MOST_VALUES ? {} : { enum: [...new Set(fitting)] }
}

/**
 * Its list of values in words, where none is of its type: YAML reads `1.0` and `true` without quotes as what they look like, so nobody knows
 * how they are written.
 */
export function valuesMeant(node: JsonSchema, type: SchemaType | null): string {
  const values = type === null || type === 'object' || type === 'array' ? [] : plainValues(node)
  return values.length === 0 || values.some((value) => fits(value, type))
    ? ''
    : `One of: ${values.slice(0, MOST_TOLD).join(', ')}.`
}

/** Authors write the values of a list's items beside the list. */
export const itemValues = (node: JsonSchema): readonly unknown[] => plainValues(node).filter((value) => typeof value === 'string')

const plainValues = (node: JsonSchema): unknown[] => valuesOf(node).filter((value) => value !== null && typeof value !== 'object')

function fits(value: unknown, type: SchemaType | null): boolean {
  if (type === null) return true
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

/** Names that have to be there. */
export function requiredOf(site: Site, problems: ProblemList): string[] {
  const { value } = inside(site, 'required')
  if (value === undefined || typeof value === 'boolean') return []
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return [...new Set<string>(value)]
  problems.warn(inside(site, 'required'), 'A list of names was expected; it is left out.')
  return []
}
