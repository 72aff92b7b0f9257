import type { OperationPlan } from '../../../../queue/api.lane.ts'
import type { JsonSchema } from '../../../contract/tool.ts'

/** What an OpenAPI document offers: its operations as tools, and what is wrong with it. */
export interface ApiDocument {
  readonly format: '2.0' | '3.0' | '3.1'
  readonly title: string
  /** Of the API, as the document says it. */
  readonly version: string
  readonly description: string
  /** Those of the document itself; an operation may have its own. Empty where none is named and none can be guessed. */
  readonly servers: readonly ApiServer[]
  readonly tags: readonly ApiTag[]
  readonly securitySchemes: readonly SecurityScheme[]
  readonly operations: readonly ApiOperation[]
  readonly problems: readonly DocumentProblem[]
}

/** Where an API is. */
export interface ApiServer {
  /** Variables filled with their defaults; absolute where the document or its address allows; without a slash at its end. */
  readonly url: string
  /** As it is written, with `{variables}`. */
  readonly template: string
  readonly description: string
  readonly variables: readonly ServerVariable[]
}

/** A part of a server's address that can be chosen. */
export interface ServerVariable {
  readonly name: string
  readonly default: string
  /** Empty: anything. */
  readonly choices: readonly string[]
  readonly description: string
}

/** A group of operations. */
export interface ApiTag {
  readonly name: string
  readonly description: string
}

/** A way to say who a request is from, as a suggestion for a credential (`Credential` in `queue/api.lane.ts`). */
export interface SecurityScheme {
  /** As the document calls it. */
  readonly name: string
  readonly description: string
  /** `null`: a kind that the gateway has no credential for; `reason` says which. */
  readonly suggestion:
    | { readonly kind: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
    | { readonly kind: 'basic' }
    | { readonly kind: 'bearer' }
    | { readonly kind: 'oauth2'; readonly tokenUrl: string; readonly scopes: readonly string[] }
    | null
  /** Why it is suggested like that, where that is not plain; empty otherwise. */
  readonly reason: string
}

/** One operation of an API, as a tool. */
export interface ApiOperation {
  /** `GET /pets/{id}`: unique in a document. */
  readonly key: string
  /** Without the alias of the API in front; with `<alias>__` of at most 22 characters it stays within 64. */
  readonly toolName: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly isDeprecated: boolean
  readonly effect: 'read' | 'write' | 'erase'
  /** Sending it twice does what sending it once does (RFC 9110, 9.2.2). */
  readonly idempotent: boolean
  /** Names of security schemes, any of which suffices; empty where none is asked for. */
  readonly security: readonly string[]
  readonly inputSchema: JsonSchema
  /** Of the body of a good answer; `null` where that is not a JSON object. */
  readonly outputSchema: JsonSchema | null
  readonly plan: OperationPlan
  /** SHA-256 in hex over all of it: the same as long as nothing of it changes. */
  readonly hash: string
}

/** Something that is wrong with a document. */
export interface DocumentProblem {
  /** JSON pointer (RFC 6901) into the document; with the address and a `#` in front where it is in another part of it. */
  readonly pointer: string
  readonly message: string
  /** `error`: something is not offered for it; `warning`: it is, as far as it goes. */
  readonly severity: 'error' | 'warning'
}
