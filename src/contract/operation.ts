import type { z } from 'zod'
import type { Caller, PermitKey } from './caller.ts'
import type { FaultCode } from './fault.ts'
import type { Effect } from './tool.ts'
import type { Progress, RelayedResult } from './visit.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `GET /upstreams/:alias`: under `/api`; `:name` takes the input field of that name. */
type Route = `${Method} /${string}`

/** What an operation may touch while it runs. */
export interface Scope<Store> {
  readonly caller: Caller
  readonly store: Store
  /** Milliseconds since the epoch, fixed for the whole call. */
  readonly nowMs: number
  readonly signal: AbortSignal
  readonly requestId: string
  /** The visit that this is; what is done as a part of it names it as parent. */
  readonly visitId: number
  /** How many functions stand above this call; 0 for calls that no function makes. */
  readonly depth: number
  /** Call another operation through the door, as the same caller. */
  call(name: string, input: object): Promise<Readonly<Record<string, unknown>>>
  /** Call what a source offers through the door, as the same caller: its MCP result as it came. What its server asks meanwhile goes to the client. */
  relay(name: string, args: unknown): Promise<RelayedResult>
  progress(progress: Progress): void
}

/** Something the gateway itself can do, declared once; its MCP tool, REST route and web page are derived. */
interface Operation<Store, In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  /** One imperative sentence: tool description, OpenAPI summary and page title. */
  readonly summary: string
  /** More for people and models, where one sentence is not enough. */
  readonly description?: string
  readonly route: Route
  readonly permit: PermitKey
  readonly effect: Effect
  /** Defaults to true for `read`, false otherwise. */
  readonly idempotent?: boolean
  /** Strict (`z.strictObject`), so that a misspelt field is refused rather than ignored. */
  readonly input: In
  /** An object, because MCP's `structuredContent` must be one. */
  readonly output: Out
  /** Shown in the docs, and run on an empty store by the conformance suite, so it cannot rot. */
  readonly example: { readonly input: z.input<In>; readonly outcome: 'ok' | FaultCode }
  /** Input fields that never reach a log or a record, besides those that redaction knows by name. */
  readonly secret?: readonly (keyof z.output<In> & string)[]
  /** Its answer is a secret that the caller asked for: handed over as it is, and kept in no record and on no page. Default false. */
  readonly reveals?: boolean
  run(input: z.output<In>, scope: Scope<Store>): z.input<Out> | Promise<z.input<Out>>
}

export type DefineOperation<Store> = <In extends z.ZodObject, Out extends z.ZodObject>(
  operation: Operation<Store, In, Out>,
) => Operation<Store, In, Out>

/** An operation of whatever store and schemas, for those who only carry it. */
// biome-ignore lint/suspicious/noExplicitAny: its types differ from operation to operation and are checked where it is declared
export type AnyOperation<Store = any> = Operation<Store, any, any>
