import { z } from 'zod'
import { defineLane } from './lane.ts'

/** Where an argument goes in a request, as OpenAPI says it (3.1, section 4.8.12). `json`: the parameter has `content` instead of a style. */
const ParameterPlan = z.object({
  /** Property of the tool's arguments that carries it. */
  argument: z.string(),
  /** As the API calls it. */
  name: z.string(),
  /** `part`: a header of one part of a multipart body. */
  in: z.enum(['path', 'query', 'header', 'cookie', 'part']),
  /** The field whose part it is a header of. */
  part: z.string().optional(),
  /** Tabs come from Swagger 2.0 alone (`collectionFormat: tsv`). */
  style: z.enum(['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'tabDelimited', 'pipeDelimited', 'deepObject', 'json']),
  explode: z.boolean(),
  /** Query alone: characters of RFC 3986 that are reserved stay as they are. */
  allowReserved: z.boolean(),
})

/** How one field of a form or one part of a multipart body is written. */
const FieldPlan = z.object({
  name: z.string(),
  contentType: z.string().nullable(),
  /** `usual`: as its value is, because the document does not say: an object as JSON, a list item by item. */
  style: z.enum(['usual', 'form', 'spaceDelimited', 'tabDelimited', 'pipeDelimited', 'deepObject', 'json']),
  explode: z.boolean(),
  /** Its value is a file: `{ name, mimeType, base64 }`, or base64 alone. */
  isFile: z.boolean(),
  /** Of a file: a text stands for itself, because the field takes texts as well. */
  takesText: z.boolean().default(false),
})

const BodyPlan = z.object({
  /** Property of the tool's arguments that carries the whole body. */
  argument: z.string(),
  kind: z.enum(['json', 'form', 'multipart', 'text', 'binary']),
  contentType: z.string(),
  /** Of forms and multipart bodies. */
  fields: z.array(FieldPlan),
})

/** One operation of an API, as a request is made of it. */
export const OperationPlan = z.object({
  method: z.enum(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']),
  /** Absolute, variables filled in, without a slash at its end. */
  serverUrl: z.string(),
  /** With `{name}` for parameters in the path. */
  path: z.string(),
  parameters: z.array(ParameterPlan),
  body: BodyPlan.nullable(),
  /** Media types that the API answers with, best first. */
  accept: z.array(z.string()),
})

export type OperationPlan = z.output<typeof OperationPlan>
export type ParameterPlan = z.output<typeof ParameterPlan>
export type BodyPlan = z.output<typeof BodyPlan>
export type FieldPlan = z.output<typeof FieldPlan>

/** What every request of an API has. The credential is asked for when the request is made (`credential`), and stands in no ledger. */
const Common = z.object({
  apiId: z.int(),
  alias: z.string(),
  requestId: z.string(),
  /** W3C Trace Context; null where the caller sent none. */
  traceparent: z.string().nullable(),
  /** Whom a signed assertion speaks for. */
  actor: z.object({ id: z.string(), name: z.string() }),
  timeoutMs: z.int().positive(),
  maxAnswerBytes: z.int().positive(),
  /** Whether it may be sent again after bytes went out (RFC 9110, 9.2.2). */
  isRepeatable: z.boolean(),
  /** Headers of an answer that are handed on besides those that always are, lower case. */
  answerHeaders: z.array(z.string()),
  /** Whether the API wants a credential; without one, a round trip to the front is saved. */
  asksCredential: z.boolean().default(true),
  /** Same key, same credential: a thread that was told it need not ask again. Null where it is another for each request. Says nothing about it. */
  credentialKey: z.string().nullable().default(null),
})

/** Call an operation with arguments that its schema accepts. */
const Call = Common.extend({
  kind: z.literal('call'),
  plan: OperationPlan,
  arguments: z.record(z.string(), z.unknown()),
  /** Addresses of other operations that a value in the path could lead to, which have rights of their own: `/pets/mine` beside `/pets/{id}`. */
  rivals: z.array(z.string()).default([]),
})

/** Send a request in the API's own shape. */
const Pass = Common.extend({
  kind: z.literal('pass'),
  serverUrl: z.string(),
  method: z.string(),
  /** Path and query, as they came. */
  target: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Base64; null for none. */
  body: z.string().nullable(),
})

/** Get an OpenAPI document, or a part that it refers to. */
const Fetch = z.object({
  kind: z.literal('fetch'),
  url: z.string(),
  timeoutMs: z.int().positive(),
  maxAnswerBytes: z.int().positive(),
})

const Answered = z.object({
  kind: z.literal('answered'),
  status: z.int(),
  /** Lower-case names; cookies and credentials are left out. */
  headers: z.record(z.string(), z.string()),
  body: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('json'), value: z.unknown() }),
    z.object({ kind: z.literal('text'), text: z.string(), mimeType: z.string() }),
    z.object({ kind: z.literal('binary'), base64: z.string(), mimeType: z.string() }),
  ]),
  /** The answer was longer; this is its beginning. */
  isCut: z.boolean(),
  /** What is odd about it, in a sentence for whoever reads it: HTML where JSON was promised, JSON that cannot be read. */
  note: z.string().nullable().default(null),
  /** Of a fetched document: where it came from in the end, redirects followed. */
  url: z.string().nullable().default(null),
  /** Requests that were sent, repetitions included. */
  requests: z.int(),
  durationMs: z.number(),
})

/** Sends requests to registered APIs. An answer of the API, whatever its status, is a result; only what never became an answer is a failure. */
export const apiLane = defineLane({
  name: 'api',
  summary: 'Sends requests to registered APIs.',
  payload: z.discriminatedUnion('kind', [Call, Pass, Fetch]),
  result: Answered,
  talks: true,
  levels: 1,
  // Documents and answers are capped on their own; in JSON they grow by a third (base64) or a little more (escapes).
  policy: {
    threads: 1,
    concurrency: 128,
    timeoutMs: 30_000,
    // Half of a worker, because a slow API must not take it from everybody else.
    perToken: 64,
    maxPayloadBytes: 16_777_216,
    maxResultBytes: 33_554_432,
  },
})

/**
 * What the ask `credential` answers: how a request says who it is from. Values are resolved for this request alone.
 *
 * `oauth2`: the worker gets the access token itself (RFC 6749, 4.4) and keeps it until it ends.
 */
export const Credential = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('apiKey'), in: z.enum(['header', 'query', 'cookie']), name: z.string(), value: z.string() }),
  z.object({ kind: z.literal('basic'), user: z.string(), password: z.string() }),
  /** Also a signed assertion, which the front has signed. */
  z.object({ kind: z.literal('bearer'), token: z.string() }),
  z.object({
    kind: z.literal('oauth2'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    scope: z.string().nullable(),
    /** Where client id and secret go. */
    authentication: z.enum(['basic', 'body']),
  }),
])

export type Credential = z.output<typeof Credential>
