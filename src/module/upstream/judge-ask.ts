import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import { pointer } from '../../core/parse-input.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'
import { type Askable, neededFor } from './capabilities.ts'
import type { Params } from './question.ts'

const MAX_FIELDS = 100
const MAX_CHOICES = 1_000

const texts = {
  title: z.string().optional(),
  description: z.string().optional(),
}
const choices = z
  .array(z.looseObject({ const: z.string(), title: z.string().optional() }))
  .min(1)
  .max(MAX_CHOICES)
const values = z.array(z.string()).min(1).max(MAX_CHOICES)
const length = z.int().nonnegative().optional()

/** The fields that a form may have: primitive ones, and choices (MCP 2025-11-25, `PrimitiveSchemaDefinition`). */
const Field = z.union([
  z.looseObject({
    type: z.literal('string'),
    minLength: length,
    maxLength: length,
    enum: values.optional(),
    oneOf: choices.optional(),
    default: z.string().optional(),
    ...texts,
  }),
  z.looseObject({ type: z.enum(['number', 'integer']), default: z.number().optional(), ...texts }),
  z.looseObject({ type: z.literal('boolean'), default: z.boolean().optional(), ...texts }),
  z.looseObject({
    type: z.literal('array'),
    items: z.union([z.looseObject({ type: z.literal('string'), enum: values }), z.looseObject({ anyOf: choices })]),
    default: z.array(z.string()).optional(),
    ...texts,
  }),
])

/** What makes a client build, or follow, more than a flat form. */
const DEEP = ['$ref', '$defs', '$dynamicRef', 'properties', 'patternProperties', 'allOf', 'not', 'if'] as const

const isFlat = (field: Params): boolean => DEEP.every((key) => field[key] === undefined)

const Form = z.looseObject({
  type: z.literal('object'),
  properties: z
    .record(z.string().max(200), Field.refine(isFlat, 'A field must be plain: text, number, yes or no, or a choice'))
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `A form has at most ${MAX_FIELDS} fields`),
  required: z.array(z.string()).optional(),
})

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * What a client is really asked where a server asks it: with the name of the upstream, so that a person knows whom they answer.
 *
 * @throws Fault `forbidden` where an operator denies it, `invalid` for a form or an address that no client should be shown; the cause is
 * what the server is answered
 */
export function judgeAsk(alias: string, denied: readonly Askable[], method: string, params: unknown): unknown {
  const needed = neededFor(method)
  if (needed === undefined) throw refuse('invalid', RPC.methodNotFound, `A client cannot be asked ${method.slice(0, 80)}.`)
  if ((denied as readonly string[]).includes(needed)) {
    throw refuse('forbidden', RPC.methodNotFound, `Upstream ${alias} may not ask clients for ${needed}: an operator denies it.`)
  }
  return method === 'elicitation/create' ? judgeElicitation(alias, params) : params
}

function judgeElicitation(alias: string, params: unknown): Params {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw invalid('The params must be an object.')
  const { mode = 'form', message, requestedSchema, url } = params as Params
  if (typeof message !== 'string') throw invalid('The message must be a text.')
  if (mode === 'form') judgeForm(requestedSchema)
  else if (mode === 'url') judgeUrl(url)
  else throw invalid('The mode must be form or url.')
  return { ...(params as Params), message: `[${alias}] ${message}` }
}

function judgeForm(schema: unknown): void {
  const parsed = Form.safeParse(schema)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  throw invalid(`The form is not one that clients can show: ${pointer(issue!.path) || 'requestedSchema'}: ${issue!.message}.`)
}

/** Anything else than a page that the person's browser reaches safely could run a program or read a file. */
function judgeUrl(text: unknown): void {
  const url = typeof text === 'string' ? URL.parse(text) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!isSafe) throw invalid('The url must begin with https://, or with http:// where it is on the loopback interface.')
  if (url!.username !== '' || url!.password !== '') throw invalid('The url must hold no name and no password.')
}

const invalid = (message: string): Fault => refuse('invalid', RPC.invalidParams, message)

const refuse = (code: 'invalid' | 'forbidden', rpcCode: number, message: string): Fault =>
  new Fault(code, message, { cause: new RpcError(rpcCode, message) })
