import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { FILE_SCHEMA } from './file-schema.ts'
import { HIDDEN, withoutHidden } from './hidden.ts'
import { listedValues } from './listed-values.ts'
import { lonelyRef } from './lonely-ref.ts'
import { loosen } from './loosen.ts'
import { Misfit } from './misfit.ts'
import { nullable } from './nullable.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { keywordsOf, type SchemaType } from './schema-keywords.ts'
import { mergeSchemas } from './schema-merge.ts'
import { enumOf, guessType, itemValues, requiredOf, typesOf } from './schema-types.ts'
import { wordsOf } from './schema-words.ts'
import { entriesOf, inside, itemsOf, pointerOf, type Site } from './site.ts'

/** What a schema is for: arguments that are sent as JSON or text, as a form with files, or an answer. */
export type SchemaUse = 'argument' | 'form' | 'answer'

/** Schemas of a document in JSON Schema 2020-12, each converted once. `$ref` in them names a schema of the book. */
export interface SchemaBook {
  /** A schema as it stands. References in it are entered into the book. @throws Misfit */
  convert(site: Site): JsonSchema
  /** A schema that a converted one refers to. @throws Misfit when it could not be converted */
  get(name: string): JsonSchema
}

/** Deeper a schema is not described without a reference. */
const MAX_DEPTH = 24
const MAX_ALL_OF = 100
const ANYTHING: JsonSchema = {}

/** Schemas that one schema merges by `allOf`; further ones stay as they are. */
const MAX_MERGED = 200

interface Way {
  readonly depth: number
  /** Schemas that are being merged into the one that is converted. */
  readonly level: readonly string[]
  /** Schemas that are being merged into those around it. */
  readonly outer: readonly string[]
}

/** An empty book for one use of schemas. */
export function createSchemaBook(parts: Parts, use: SchemaUse, problems: ProblemList): SchemaBook {
  const entries = new Map<string, { readonly site: Site; schema?: JsonSchema; misfit?: Misfit }>()
  const skipped = use === 'answer' ? 'writeOnly' : 'readOnly'
  let merged = 0

  const refer = (site: Site, ref: string): JsonSchema => {
    const target = parts.target(site, ref)
    const name = pointerOf(target)
    if (!entries.has(name)) entries.set(name, { site: target })
    return { $ref: name }
  }

  const convert = (site: Site, way: Way): JsonSchema => {
    const { value } = site
    if (value === true || way.depth > MAX_DEPTH) return ANYTHING
    if (value === null) {
      problems.warn(site, 'Nothing stands here; anything is accepted.')
      return ANYTHING
    }
    if (!isNode(value)) throw new Misfit(site, 'A schema was expected here.')
    const ref = lonelyRef(site)
    if (ref) return nullable(value, { ...refer(ref, (ref.value as JsonSchema)['$ref'] as string), ...wordsOf(site, null) })
    return nullable(value, whole(site, way))
  }

  /** Without `null`, which is dealt with around it. */
  const whole = (site: Site, way: Way): JsonSchema => {
    const value = site.value as JsonSchema
    const own = plain(site, way)
    const members = itemsOf(inside(site, 'allOf'))
    if (members.length > MAX_ALL_OF) throw new Misfit(inside(site, 'allOf'), `More than ${MAX_ALL_OF} schemas are not merged.`)
    const all = members.map((member) => flat(member, way))
    if (typeof value['$ref'] === 'string') all.unshift(flat({ ...site, value: { $ref: value['$ref'] } }, way))
    // The schema's own words come last, because they are nearer to the use.
    return [...all, own].reduce(mergeSchemas, ANYTHING)
  }

  /** A member of `allOf`: converted where it stands, so that it can be merged. */
  const flat = (site: Site, way: Way): JsonSchema => {
    const ref = lonelyRef(site)
    if (!ref) return convert(site, way)
    const target = parts.target(ref, (ref.value as JsonSchema)['$ref'] as string)
    const name = pointerOf(target)
    if (way.level.includes(name)) {
      problems.warn(site, 'It contains itself by allOf; that part is left out.')
      return ANYTHING
    }
    merged += 1
    if (way.outer.includes(name) || merged > MAX_MERGED) return convert(site, way)
    return flat(target, { ...way, level: [...way.level, name] })
  }

  const plain = (site: Site, way: Way): JsonSchema => {
    const node = site.value as JsonSchema
    const types = typesOf(site, problems)
    if (use === 'form' && isFile(node, types))
      return { ...FILE_SCHEMA, ...wordsOf({ ...site, value: { description: node['description'] } }, null) }
    if (types.length > 1) return { ...wordsOf(site, null), anyOf: types.map((type) => typed(site, type, way, {})) }
    const type = types[0] ?? guessType(node)
    return withChoices(typed(site, type, way, wordsOf(site, type)), choices(site, way))
  }

  const typed = (site: Site, type: SchemaType | null, way: Way, words: Record<string, unknown>): JsonSchema => ({
    ...(type === null ? {} : { type }),
    ...words,
    ...keywordsOf(site, type, problems.warn),
    ...enumOf(site.value as JsonSchema, type),
    ...(type === 'array' ? arrayParts(site, way) : {}),
    ...(type === 'object' ? objectParts(site, way) : {}),
  })

  const deeper = ({ depth, level, outer }: Way): Way => ({ depth: depth + 1, level: [], outer: [...outer, ...level] })

  const arrayParts = (site: Site, way: Way): JsonSchema => {
    const prefix = itemsOf(inside(site, 'prefixItems'))
    const items = inside(site, 'items')
    return {
      ...(prefix.length > 0
        ? { prefixItems: prefix.map((each) => (each.value === false ? ANYTHING : convert(each, deeper(way)))) }
        : {}),
      // Many clients refuse a list that does not say of what.
      items: isNode(items.value) ? convert(withValues(items, itemValues(site.value as JsonSchema)), deeper(way)) : ANYTHING,
    }
  }

  const objectParts = (site: Site, way: Way): JsonSchema => {
    const properties = entriesOf(inside(site, 'properties')).filter(([, each]) => each.value !== false)
    const converted = properties.map(([name, each]) => [name, isSkipped(each) ? HIDDEN : convert(each, deeper(way))])
    const required = requiredOf(site, problems)
    return {
      ...(converted.length > 0 ? { properties: Object.fromEntries(converted) } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...furtherProperties(site, way),
    }
  }

  const isSkipped = (site: Site): boolean => {
    if (!isNode(site.value)) return false
    if (site.value[skipped] === true) return true
    const { value } = parts.follow(site)
    return isNode(value) && value[skipped] === true
  }

  const furtherProperties = (site: Site, way: Way): JsonSchema => {
    const further = inside(site, 'additionalProperties')
    if (isNode(inside(site, 'patternProperties').value)) return {}
    if (further.value === false) return use === 'answer' ? {} : { additionalProperties: false }
    if (!isNode(further.value) || Object.keys(further.value).length === 0) return {}
    return { additionalProperties: convert(further, deeper(way)) }
  }

  /** `oneOf` becomes `anyOf`: many clients know no other, and the API itself judges in the end. */
  const choices = (site: Site, way: Way): JsonSchema => {
    const members = (['oneOf', 'anyOf'] as const).flatMap((key) => itemsOf(inside(site, key)))
    if (members.some((member) => isMerging(member, way))) {
      problems.warn(site, 'Its choices contain the schema that is made of it; there they are left out.')
      return {}
    }
    const lists = (['oneOf', 'anyOf'] as const).map((key) => itemsOf(inside(site, key)).filter(({ value }) => value !== false))
    const [first, second] = lists.filter((list) => list.length > 0).map((list) => list.map((each) => convert(each, deeper(way))))
    if (first === undefined) return {}
    const listed = second === undefined ? listedValues(first) : undefined
    if (listed) return listed
    if (second === undefined && first.length === 1) return first[0]!
    const hint = discriminatorOf(site.value as JsonSchema)
    return second === undefined ? { ...hint, anyOf: first } : { ...hint, allOf: [{ anyOf: first }, { anyOf: second }] }
  }

  /** Whether a choice is the schema that the one around it is being merged into: generators write a parent that is one of its children. */
  const isMerging = (member: Site, { level }: Way): boolean => {
    const ref = level.length > 1 ? lonelyRef(member) : undefined
    return (
      ref !== undefined && level.slice(0, -1).includes(pointerOf(parts.target(ref, (ref.value as JsonSchema)['$ref'] as string)))
    )
  }

  const begin = (site: Site, level: readonly string[]): JsonSchema => {
    merged = 0
    const schema = withoutHidden(convert(site, { depth: 0, level, outer: [] }))
    return use === 'answer' ? loosen(schema) : schema
  }

  return {
    convert: (site) => begin(site, []),
    get: (name) => {
      const entry = entries.get(name)!
      if (entry.misfit) throw entry.misfit
      try {
        entry.schema ??= begin(entry.site, [name])
        return entry.schema
      } catch (thrown) {
        if (thrown instanceof Misfit) entry.misfit = thrown
        throw thrown
      }
    },
  }
}

/** Items of a list beside which their values stand. */
const withValues = (items: Site, values: readonly unknown[]): Site =>
  values.length === 0 || (items.value as JsonSchema)['type'] !== 'string'
    ? items
    : { ...items, value: { enum: values, ...(items.value as JsonSchema) } }

/** What a schema says of itself comes before what its choices mean. */
function withChoices(own: JsonSchema, choices: JsonSchema): JsonSchema {
  const [before, meaning] = [own['description'], choices['description']]
  const merged = mergeSchemas(own, choices)
  if (before === undefined || meaning === undefined || String(meaning).startsWith(String(before))) return merged
  return { ...merged, description: `${String(before)}${/[.:!?]$/.test(String(before)) ? '' : '.'} ${String(meaning)}` }
}

const isFile = (node: JsonSchema, types: readonly SchemaType[]): boolean =>
  (types.length === 0 || types[0] === 'string') &&
  (node['format'] === 'binary' ||
    node['format'] === 'base64' ||
    'contentMediaType' in node ||
    node['contentEncoding'] === 'base64')

function discriminatorOf(node: JsonSchema): JsonSchema {
  const { discriminator } = node
  if (!isNode(discriminator) || typeof discriminator['propertyName'] !== 'string') return {}
  const names = isNode(discriminator['mapping']) ? Object.keys(discriminator['mapping']).slice(0, 50) : []
  const hint = `Its ${discriminator['propertyName'].slice(0, 64)} says which${names.length === 0 ? '' : `: ${names.join(', ')}`}.`
  return { description: hint.slice(0, 800) }
}
