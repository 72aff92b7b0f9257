import type { z } from 'zod'
import type { Authenticator } from './authenticator.ts'
import type { Guards } from './guard.ts'
import type { House } from './house.ts'
import type { AnyOperation, DefineOperation } from './operation.ts'
import type { Page } from './page.ts'
import type { PublicKeys } from './public-keys.ts'
import type { HttpRecorder } from './request.ts'
import type { Secrets } from './secrets.ts'
import type { SessionBook } from './session-book.ts'
import type { Source } from './tool.ts'

/** What every store has. */
export interface Closable {
  close(): Promise<void>
}

/** Long-running work that a module owns. */
export interface Service {
  /** Called once the port is open, so that nothing slow here delays readiness. */
  start(): Promise<void>
  /** Called in reverse order of start, before the stores close. Gives back every process, socket and timer. */
  stop(): Promise<void>
}

/** One concern: its operations, its store, and its faces. See `asset/docs/architecture.md`. */
// biome-ignore lint/suspicious/noExplicitAny: a list of modules holds stores and settings of many types
export interface Module<Store extends Closable = any, Settings = any> {
  readonly name: string
  /** The module's section of `gatehouse.toml`, strict, every field with a default. */
  readonly settings: z.ZodType<Settings> | undefined
  /** Opens the module's own store; nobody else opens its file. */
  readonly open: (house: House<Settings>) => Promise<Store>
  readonly operations: Readonly<Record<string, AnyOperation<Store>>>
  readonly pages: Readonly<Record<string, Page>>
  /** Dynamic tools. */
  readonly source?: (store: Store) => Source
  readonly guards?: (store: Store) => Guards
  readonly service?: (store: Store) => Service
  /** Permission keys besides those that its operations ask for, as they are now. */
  readonly permits?: (store: Store) => readonly string[]
  /** Exactly one module of a house has it. */
  readonly authenticator?: (store: Store) => Authenticator
  /** Exactly one module of a house has it, and is opened before those that use it. */
  readonly secrets?: (store: Store) => Secrets
  /** Keys that verify what the module signs; served at `/.well-known/jwks.json`. */
  readonly publicKeys?: (store: Store) => PublicKeys
  /** At most one module of a house has it. */
  readonly sessionBook?: (store: Store) => SessionBook
  /** Receives one row per HTTP request. */
  readonly httpRecorder?: (store: Store) => HttpRecorder
}

type Declaration<Store extends Closable, Settings> = Omit<Module<Store, Settings>, 'settings' | 'operations' | 'pages'> & {
  readonly settings?: z.ZodType<Settings>
  readonly operations: (op: DefineOperation<Store>) => Record<string, AnyOperation<Store>>
  readonly pages?: Readonly<Record<string, Page>>
}

/** Declare a capability once; the transports derive its MCP, REST and web faces. */
export function defineModule<Store extends Closable, Settings = unknown>(
  spec: Declaration<Store, Settings>,
): Module<Store, Settings> {
  return { ...spec, settings: spec.settings, pages: spec.pages ?? {}, operations: spec.operations((operation) => operation) }
}
