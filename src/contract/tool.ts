import type { Caller, PermitKey } from './caller.ts'
import type { Answer, Visit } from './visit.ts'

/** What running a tool does to the world. HTTP methods, MCP hints, audit and approvals follow from it. */
export type Effect = 'read' | 'write' | 'erase'

/** A JSON Schema, untouched: also what came from outside. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A tool as MCP lists it. Fields that we do not know travel along. */
export interface ToolDefinition {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: JsonSchema
  readonly outputSchema?: JsonSchema
  readonly annotations?: Readonly<Record<string, unknown>>
  readonly [extra: string]: unknown
}

/**
 * What a callable is. `operation`: what the gateway does itself; `dynamic`: a tool of a source; `prompt`, `resource`, `template`: what MCP
 * servers offer besides; `completion`, `subscription`, `task`: what is asked about these; `request`: what a server asks of a client.
 */
export type Kind = 'operation' | 'dynamic' | ListedKind | 'completion' | 'subscription' | 'task' | 'request'

/** What is listed besides tools. A template is a URI template of resources (RFC 6570). */
export type ListedKind = 'prompt' | 'resource' | 'template'

/** Gives a concurrency slot back. Safe to call twice. */
export type Release = () => void

/** Anything that can be called through the door. */
export interface Callable {
  /**
   * Unique in the catalog: a tool's `^[a-zA-Z0-9_-]{1,64}$`, or `<kind>:<source>__<local name>` for all others, with `resource:` for templates too.
   */
  readonly name: string
  /** Who contributes it: a module's name for operations, an upstream's alias for what it offers. */
  readonly source: string
  /** The name within its source: `list` of `upstream_list`, `read_file` of `files__read_file`; a resource's URI. */
  readonly localName: string
  readonly kind: Kind
  /** The right that a caller needs; `undefined` for what is part of a call that was let in. */
  readonly permit: PermitKey | undefined
  readonly effect: Effect
  /** May run twice with the effect of once; only then (or when `effect` is `read`) is it ever retried after bytes were sent. */
  readonly idempotent: boolean
  /** Top-level arguments that never reach a log or a record, besides those that redaction knows by name. */
  readonly secret?: readonly string[]
  /** Its answer is a secret that the caller asked for: handed over as it is, and kept in no record and on no page. */
  readonly reveals?: boolean
  /** Judge the raw arguments. @throws Fault `invalid` listing every error with its path. */
  parse(raw: unknown): unknown
  /** Take a place at the source, or be refused. @throws Fault `unavailable`, `busy` with `retryAfterMs`, `disabled`. */
  slot?(visit: Visit): Release | Promise<Release>
  run(visit: Visit): Promise<Answer>
}

/** A tool, as agents know it. */
export interface Tool extends Callable {
  readonly kind: 'operation' | 'dynamic'
  readonly permit: PermitKey
  /** As MCP clients see it, `name` included. */
  readonly definition: ToolDefinition
  /** The same where all sources are served, if that differs in more than the name. */
  readonly shownDefinition?: ToolDefinition
}

/** A prompt, resource or template: `prompts/get` and `resources/read` call it. Its name is its right as well. */
export interface Listed extends Callable {
  readonly kind: ListedKind
  readonly permit: PermitKey
  /** What clients call it where all sources are served: a prompt's name, a resource's URI, a URI template. `localName` where one source is. */
  readonly shownName: string
  /** As its server sent it, but for `name`, `uri` or `uriTemplate`, which are put in as the list is made. */
  readonly definition: Readonly<Record<string, unknown>>
}

/** What a server says of itself. */
export interface Instructions {
  readonly source: string
  /** For models; may be empty. */
  readonly text: string
  /** MCP `ServerCapabilities` as it declared them, while they are known. */
  readonly capabilities?: Readonly<Record<string, unknown>>
}

/** A module face that contributes tools at run time. */
export interface Source {
  /** The tools as they are now; the same array until something changes. */
  list(): readonly Tool[]
  /** A tool that stands in no list but can be asked for by a name, e.g. `rawCallName`. What it is called itself must lead to a tool as well. */
  find?(name: string): Callable | undefined
  /** A tool that stands in no list, by its source's own name for it. */
  findLocal?(source: string, localName: string): Tool | undefined
  /**
   * What one client session is shown instead of what its caller is, where a server keeps lists of its own for it. The very same array where it
   * does not.
   */
  shownTo?<Item extends Tool | Listed>(
    sessionKey: string,
    caller: Caller,
    kind: 'tool' | ListedKind,
    visible: readonly Item[],
  ): readonly Item[]
  /** Prompts, resources and templates as they are now; the same array until something changes. */
  listed?(kind: ListedKind): readonly Listed[]
  /**
   * Names by which the door may know what has this URI, listed or not, the likeliest first.
   *
   * @param source the only source that is meant; `undefined` for all
   */
  resourceNames?(uri: string, source: string | undefined): readonly string[]
  /** One entry per server that has something to say of itself. */
  instructions?(): readonly Instructions[]
  /** Settles once it is known for the first time what is offered, or has become clear that it is not to be known soon. At once where absent. */
  settled?(): Promise<unknown>
  /** @returns a function that ends the subscription */
  onChange(listener: () => void): () => void
}
