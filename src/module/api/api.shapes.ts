import { z } from 'zod'
import { CredentialFields } from './credential-fields.ts'

const Effect = z.enum(['read', 'write', 'erase'])

/** Something that is wrong with a document. */
const Problem = z.object({
  pointer: z.string().describe('Where, as a JSON pointer into the document'),
  message: z.string(),
  severity: z.enum(['error', 'warning']).describe('error: something is not offered for it'),
})

const Server = z.object({
  url: z.string(),
  template: z.string(),
  description: z.string(),
  variables: z.array(
    z.object({ name: z.string(), default: z.string(), choices: z.array(z.string()).readonly(), description: z.string() }),
  ),
})

const Scheme = z.object({
  name: z.string(),
  description: z.string(),
  suggestion: z.record(z.string(), z.unknown()).nullable().describe('null: a kind that the gateway has no credential for'),
  reason: z.string(),
})

/** What a document would become. */
export const Preview = z.object({
  preview: z.string().describe('Stands for the document when it is registered, for an hour'),
  url: z.string().nullable(),
  format: z.string(),
  title: z.string(),
  version: z.string().describe('Of the API, as its document says it'),
  description: z.string(),
  alias: z.string().describe('The one that suggests itself'),
  servers: z.array(Server),
  securitySchemes: z.array(Scheme),
  operations: z.array(
    z.object({
      key: z.string().describe('Method and path: names the operation in every version'),
      name: z.string().describe('Of its tool, after <alias>__'),
      summary: z.string(),
      tags: z.array(z.string()).readonly(),
      effect: Effect,
      isDeprecated: z.boolean(),
    }),
  ),
  problems: z.array(Problem),
})

/** An operation of a registered API. */
export const ApiOperationShape = z.object({
  key: z.string(),
  tool: z.string().describe('Name of its tool'),
  summary: z.string(),
  tags: z.array(z.string()).readonly(),
  effect: Effect,
  idempotent: z.boolean(),
  permit: z.string(),
  enabled: z.boolean(),
  offered: z.boolean().describe('Whether it is a tool right now'),
  reason: z.string().nullable().describe('Why it is none although it is enabled'),
  isDeprecated: z.boolean(),
  changed: z.boolean().describe('Whether somebody set something of it here'),
})

/** One operation, whole. */
export const ApiOperationDetail = ApiOperationShape.extend({
  description: z.string(),
  documentName: z.string().describe('The name that its document gives it'),
  documentEffect: Effect,
  own: z
    .object({
      name: z.string().nullable(),
      permit: z.string().nullable(),
      toolEffect: Effect.nullable(),
      idempotent: z.boolean().nullable(),
    })
    .describe('What was set here; null: as the document says it'),
  server: z.string(),
  method: z.string(),
  path: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).nullable(),
})

export const STATES = ['ready', 'disabled', 'waiting', 'failing'] as const

/** One API in a list. */
export const ApiSummary = z.object({
  alias: z.string(),
  title: z.string(),
  state: z
    .enum(STATES)
    .describe('waiting: a version with breaking changes waits to be confirmed; failing: its document could not be fetched'),
  enabled: z.boolean(),
  serverUrl: z.string(),
  credentialKind: z.string(),
  version: z.int(),
  heldVersion: z.int().nullable().describe('A version that waits to be confirmed'),
  toolCount: z.int(),
  offCount: z.int().describe('Operations that are switched off'),
  leftOutCount: z.int().describe('Operations that are enabled and yet no tools'),
  problemCount: z.int().describe('Errors of the document'),
  sourceUrl: z.string().nullable(),
  fetchedAt: z.int().nullable(),
  fetchFault: z.string().nullable(),
  updatedAt: z.int().describe('Optimistic lock'),
})

/** One API, whole. */
export const ApiDetail = ApiSummary.extend({
  format: z.string(),
  documentTitle: z.string(),
  documentVersion: z.string(),
  description: z.string(),
  settings: z.record(z.string(), z.unknown()),
  credential: CredentialFields,
  servers: z.array(Server),
  securitySchemes: z.array(Scheme),
  operations: z.array(ApiOperationShape),
  problems: z.array(Problem),
  createdAt: z.int(),
  createdBy: z.string(),
})

/** How two versions differ, operation by operation. */
export const Changes = z.object({
  added: z.array(z.string()).describe('Keys of operations'),
  removed: z.array(z.string()),
  compatible: z.array(z.object({ key: z.string(), changes: z.array(z.string()) })),
  breaking: z.array(z.object({ key: z.string(), changes: z.array(z.string()) })),
})

/** One version of an API's document. */
export const ApiVersion = z.object({
  version: z.int(),
  state: z.enum(['current', 'waiting', 'kept']),
  documentHash: z.string(),
  sourceUrl: z.string().nullable(),
  changes: Changes.nullable().describe('Against the version before it; null for the first'),
  createdAt: z.int(),
  createdBy: z.string(),
})

/** How a new document was taken. */
export const Taken = z.object({
  alias: z.string(),
  outcome: z
    .enum(['same', 'applied', 'waiting'])
    .describe('same: nothing changed; waiting: it breaks something and was kept until api_confirm'),
  version: z.int(),
  changes: Changes.nullable(),
})
