import { createHash } from 'node:crypto'
import type { BodyPlan, FieldPlan } from '../../../../queue/api.lane.ts'
import type { JsonSchema } from '../../../contract/tool.ts'
import { schemaLoop } from '../../../core/schema/schema-loop.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import type { ApiOperation } from './api-document.ts'
import { argumentNames } from './argument-names.ts'
import { definition, fileAsked } from './file-schema.ts'
import { Misfit } from './misfit.ts'
import type { BodyDraft, OperationDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { createAssembly } from './schema-assembly.ts'
import { createSchemaBook, type SchemaBook, type SchemaUse } from './schema-book.ts'
import { saysTheSame } from './schema-words.ts'
import { shorten } from './shorten.ts'
import type { Site } from './site.ts'

const SIZES = { argument: { inline: 12_000, most: 24_000 }, answer: { inline: 4_000, most: 8_000 } } as const
const MOST_CHARACTERS = 400_000

/** Schemas and plan of an operation. */
type Built = Pick<ApiOperation, 'inputSchema' | 'outputSchema' | 'plan'>

/** Makes tools of operations of one document; what they share is converted once. */
export type BuildOperation = (draft: OperationDraft) => Built

/** @returns what throws a Misfit where an operation cannot be offered */
export function createBuildOperation(parts: Parts, problems: ProblemList): BuildOperation {
  const desk = (use: SchemaUse) => {
    const book = createSchemaBook(parts, use, problems)
    return { book, assemble: createAssembly(book, use === 'answer' ? SIZES.answer : SIZES.argument) }
  }
  const desks = { argument: desk('argument'), form: desk('form'), answer: desk('answer') }

  const outputOf = ({ answer }: OperationDraft): JsonSchema | null => {
    if (!answer) return null
    const { book, assemble } = desks.answer
    const schema = shorten(assemble(opened(book.convert(answer), book)), SIZES.answer.most, 1)
    return schema['type'] === 'object' ? required(schema, answer) : null
  }

  return (draft) => {
    const { parameters, body, site } = draft
    const names = argumentNames(parameters)
    const { book, assemble } = body?.kind === 'multipart' ? desks.form : desks.argument
    const properties = parameters.map((each, index): [string, JsonSchema] => [names.parameters[index]!, argumentOf(each, book)])
    const needed = names.parameters.filter((_, index) => parameters[index]!.isRequired)
    if (body) {
      properties.push([names.body, bodyOf(body, book)])
      if (body.isRequired) needed.push(names.body)
    }
    const open = {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(needed.length > 0 ? { required: needed } : {}),
      additionalProperties: false,
    }
    const inputSchema = required(shorten(assemble(open), SIZES.argument.most, 2), site)
    const plan = {
      method: draft.method,
      serverUrl: draft.serverUrl,
      path: draft.path,
      parameters: parameters.map((each, index) => planOf(each, names.parameters[index]!)),
      body: body && bodyPlanOf(body, names.body, inputSchema),
      accept: [...draft.accept],
    }
    const outputSchema = problems.attempt(() => outputOf(draft), 'warning', ' The answer is not described.') ?? null
    return { inputSchema, outputSchema, plan }
  }
}

/** A schema that is no mere reference. */
function opened(schema: JsonSchema, book: SchemaBook): JsonSchema {
  let at = schema
  for (let step = 0; typeof at['$ref'] === 'string' && step < 50; step += 1) at = book.get(at['$ref'])
  return at
}

/** @throws Misfit when nobody could judge by the schema */
function required(schema: JsonSchema, site: Site): JsonSchema {
  // Gaps and typos cannot be in what was made here; looking for them would take most of the time.
  const reason = schemaLoop(schema)
  if (reason !== undefined) throw new Misfit(site, `Its schema cannot be used: ${reason}.`)
  const size = JSON.stringify(schema).length
  if (size > MOST_CHARACTERS) throw new Misfit(site, `Its schema has ${size} characters, and no client takes that many.`)
  return schema
}

function argumentOf(parameter: ParameterDraft, book: SchemaBook): JsonSchema {
  const { schema, description, style } = parameter
  const converted = notEmpty(book.convert(style === 'json' ? schema : textual(schema)), parameter)
  if (description !== '') return { ...converted, description }
  const { description: title, ...rest } = converted
  return typeof title === 'string' && saysTheSame(title, parameter.name) ? rest : converted
}

/** An empty value would make another path of a path. */
function notEmpty(schema: JsonSchema, { in: place, style }: ParameterDraft): JsonSchema {
  if (place !== 'path' || style === 'json') return schema
  const least = schema['type'] === 'array' ? 'minItems' : schema['type'] === 'string' ? 'minLength' : undefined
  const values = Array.isArray(schema['enum']) ? schema['enum'].filter((each) => each !== '') : []
  if (values.length > 0) return { ...schema, enum: values }
  return least === undefined || schema['enum']
    ? schema
    : { ...schema, [least]: Math.max(1, (schema[least] as number | undefined) ?? 0) }
}

/** Bytes in a parameter are text to whoever calls. */
const textual = (site: Site): Site =>
  isNode(site.value) && site.value['format'] === 'binary' ? { ...site, value: { ...site.value, format: undefined } } : site

function bodyOf({ kind, schema, description, contentType }: BodyDraft, book: SchemaBook): JsonSchema {
  const words = description === '' ? {} : { description }
  if (kind === 'text') return { type: 'string', description: description || `The body, as ${contentType}.` }
  if (kind === 'binary') return { type: 'string', description: `${description ? `${description} ` : ''}The body in base64.` }
  const converted = book.convert(schema)
  return { ...(kind === 'json' ? converted : asForm(converted, book)), ...words }
}

/** A form has fields, also where the document forgets to say so. */
function asForm(schema: JsonSchema, book: SchemaBook): JsonSchema {
  const { type, anyOf, allOf } = opened(schema, book)
  if (type === 'object' || anyOf !== undefined || allOf !== undefined) return schema
  return { type: 'object', description: 'The fields of the form, by name.' }
}

const planOf = ({ name, in: place, part, style, explode, allowReserved }: ParameterDraft, argument: string) => ({
  argument,
  name,
  in: place,
  ...(part === undefined ? {} : { part }),
  style,
  explode,
  allowReserved,
})

function bodyPlanOf(body: BodyDraft, argument: string, inputSchema: JsonSchema): BodyPlan {
  const { kind, contentType } = body
  const schema = (inputSchema['properties'] as JsonSchema)[argument] as JsonSchema
  return {
    argument,
    kind,
    contentType,
    fields: kind === 'form' || kind === 'multipart' ? fieldsOf(body, schema, inputSchema) : [],
  }
}

function fieldsOf(body: BodyDraft, schema: JsonSchema, root: JsonSchema): FieldPlan[] {
  const properties = propertiesOf(schema, root, 0)
  return [...properties].map(([name, each]) => ({
    name,
    contentType: null,
    style: 'usual',
    explode: true,
    ...(Object.hasOwn(body.fields, name) ? body.fields[name] : {}),
    ...fileAsked(each, root),
  }))
}

/** Of a schema and all its alternatives. */
function propertiesOf(schema: JsonSchema, root: JsonSchema, depth: number): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>()
  if (depth > 10) return found
  const { $ref, anyOf, allOf, properties } = schema
  const within = [...(Array.isArray(anyOf) ? anyOf : []), ...(Array.isArray(allOf) ? allOf : [])] as JsonSchema[]
  if (typeof $ref === 'string') within.push(definition(root, $ref))
  for (const each of within) for (const [name, field] of propertiesOf(each, root, depth + 1)) found.set(name, field)
  for (const [name, field] of Object.entries((properties ?? {}) as Record<string, JsonSchema>)) found.set(name, field)
  return found
}

/** Changes exactly when something of an operation changes. */
export const hashOf = (operation: Omit<ApiOperation, 'hash'>): string =>
  createHash('sha256').update(JSON.stringify(operation)).digest('hex')
