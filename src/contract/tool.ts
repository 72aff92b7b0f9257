import type { PermitKey } from './caller.ts'
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

/** Gives a concurrency slot back. Safe to call twice. */
export type Release = () => void

/** Anything that can be called through the door. */
export interface Tool {
  /** Unique in the catalog, `^[a-zA-Z0-9_-]{1,64}$`. */
  readonly name: string
  /** Who contributes it: a module's name for operations, an upstream's alias for its tools. */
  readonly source: string
  /** The name within its source: `list` of `upstream_list`, `read_file` of `files__read_file`. */
  readonly localName: string
  readonly kind: 'operation' | 'dynamic'
  readonly permit: PermitKey
  readonly effect: Effect
  /** May run twice with the effect of once; only then (or when `effect` is `read`) is it ever retried after bytes were sent. */
  readonly idempotent: boolean
  /** Top-level arguments that never reach a log or a record, besides those that redaction knows by name. */
  readonly secret?: readonly string[]
  /** Its answer is a secret that the caller asked for: handed over as it is, and kept in no record and on no page. */
  readonly reveals?: boolean
  /** As MCP clients see it, `name` included. */
  readonly definition: ToolDefinition
  /** Judge the raw arguments. @throws Fault `invalid` listing every error with its path. */
  parse(raw: unknown): unknown
  /** Take a place at the source, or be refused. @throws Fault `unavailable`, `busy` with `retryAfterMs`, `disabled`. */
  slot?(visit: Visit): Release | Promise<Release>
  run(visit: Visit): Promise<Answer>
}

/** A module face that contributes tools at run time. */
export interface Source {
  /** The tools as they are now; the same array until something changes. */
  list(): readonly Tool[]
  /** A tool that stands in no list but can be asked for by a name, e.g. `rawCallName`. What it is called itself must lead to a tool as well. */
  find?(name: string): Tool | undefined
  /** @returns a function that ends the subscription */
  onChange(listener: () => void): () => void
}
