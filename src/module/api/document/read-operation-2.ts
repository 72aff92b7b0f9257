import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { bodyKindOf, byLiking, isJson, isMediaType } from './media-types.ts'
import type { BodyDraft, FieldDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { bestAnswer, type Exchange, type ReadExchange } from './read-operation.ts'
import { nameAndPlaceOf, readParameters } from './read-parameters.ts'
import { inside, itemsOf, type Site, textOf } from './site.ts'

const PLACES = ['path', 'query', 'header', 'formData', 'body']
/** Keywords of a parameter that are none of a schema. */
const NO_SCHEMA = new Set(['name', 'in', 'required', 'description', 'collectionFormat', 'allowEmptyValue'])
const FORM = 'application/x-www-form-urlencoded'

/** The words of Swagger 2.0. */
export const readExchange2: ReadExchange = (operation, pathItem, parts, problems) => {
  const lists = [inside(pathItem, 'parameters'), inside(operation, 'parameters')]
  const all = lists.flatMap(itemsOf).flatMap((item) => problems.attempt(() => parts.follow(item), 'warning') ?? [])
  return {
    parameters: readParameters(lists, parts, (site) => readParameter2(site), problems),
    body: bodyOf(operation, parts, all),
    ...goodAnswer2(operation, parts, problems),
  }
}

function readParameter2(site: Site): ParameterDraft | undefined {
  const { name, in: at } = nameAndPlaceOf(site, PLACES)
  if (at === 'body' || at === 'formData') return undefined
  const place = at as 'path' | 'query' | 'header'
  return {
    site,
    name,
    in: place,
    ...stylesOf(site, place === 'query' ? 'form' : 'simple'),
    allowReserved: false,
    isRequired: place === 'path' || inside(site, 'required').value === true,
    description: textOf(site, 'description', 600),
    schema: schemaOf(site),
  }
}

const STYLES = { ssv: 'spaceDelimited', tsv: 'tabDelimited', pipes: 'pipeDelimited' } as const

function stylesOf<S extends string>(site: Site, usual: S): { style: S | (typeof STYLES)[keyof typeof STYLES]; explode: boolean } {
  const format = inside(site, 'collectionFormat').value
  if (format === 'ssv' || format === 'tsv' || format === 'pipes') return { style: STYLES[format], explode: false }
  return { style: usual, explode: format === 'multi' }
}

/** A parameter is its own schema. */
function schemaOf(site: Site): Site {
  const node = site.value as JsonSchema
  const schema = Object.fromEntries(Object.entries(node).filter(([key]) => !NO_SCHEMA.has(key)))
  return { ...site, value: schema['type'] === 'file' ? { ...schema, type: 'string', format: 'binary' } : schema }
}

function bodyOf(operation: Site, parts: Parts, all: readonly Site[]): BodyDraft | null {
  const consumes = mediaTypesOf('consumes', operation, parts)
  const body = all.find((site) => inside(site, 'in').value === 'body')
  const fields = all.filter((site) => inside(site, 'in').value === 'formData')
  if (fields.length > 0) return formOf(fields, consumes)
  return body ? wholeOf(body, consumes) : null
}

function wholeOf(site: Site, consumes: readonly string[]): BodyDraft {
  // Forms have fields, which this is not one of.
  const [contentType = 'application/json'] = consumes.filter((each) => !['form', 'multipart'].includes(bodyKindOf(each)))
  const schema = inside(site, 'schema')
  return {
    isRequired: inside(site, 'required').value === true,
    description: textOf(site, 'description', 600),
    kind: bodyKindOf(contentType),
    contentType: contentType.includes('*') ? 'application/json' : contentType,
    schema: schema.value === undefined ? { ...schema, value: {} } : schema,
    fields: {},
  }
}

function formOf(sites: readonly Site[], consumes: readonly string[]): BodyDraft {
  const named = new Map(sites.map((site) => [nameAndPlaceOf(site, PLACES).name, site]))
  const hasFile = sites.some((site) => inside(site, 'type').value === 'file')
  const isMultipart = hasFile || (consumes.includes('multipart/form-data') && !consumes.includes(FORM))
  const properties = [...named].map(([name, site]) => [name, { ...(schemaOf(site).value as JsonSchema), ...describe(site) }])
  const required = [...named].filter(([, site]) => inside(site, 'required').value === true).map(([name]) => name)
  return {
    isRequired: required.length > 0,
    description: '',
    kind: isMultipart ? 'multipart' : 'form',
    contentType: isMultipart ? 'multipart/form-data' : FORM,
    schema: {
      ...sites[0]!,
      value: { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false },
    },
    fields: Object.fromEntries([...named].map(([name, site]): [string, FieldDraft] => [name, stylesOf(site, 'form')])),
  }
}

const describe = (site: Site): JsonSchema => {
  const description = textOf(site, 'description', 600)
  return description === '' ? {} : { description }
}

function mediaTypesOf(key: 'consumes' | 'produces', operation: Site, parts: Parts): string[] {
  const own = inside(operation, key).value ?? inside(parts.root, key).value
  return Array.isArray(own) ? byLiking(own.filter((each): each is string => typeof each === 'string' && isMediaType(each))) : []
}

function goodAnswer2(operation: Site, parts: Parts, problems: ProblemList): Pick<Exchange, 'answer' | 'accept'> {
  const accept = mediaTypesOf('produces', operation, parts)
  const site = bestAnswer(operation, problems)
  const schema = site && problems.attempt(() => inside(parts.follow(site), 'schema'), 'warning', ' The answer is not described.')
  const isFile = isNode(schema?.value) && schema.value['type'] === 'file'
  const says = schema?.value !== undefined && !isFile && (accept.length === 0 || accept.some(isJson))
  return { answer: says ? schema : null, accept }
}
