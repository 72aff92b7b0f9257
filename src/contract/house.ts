import type { Caller, CallerRef } from './caller.ts'
import type { EgressRules } from './egress.ts'
import type { Meter } from './meter.ts'
import type { ProcessState } from './process.ts'
import type { Queue } from './queue.ts'
import type { Secrets } from './secrets.ts'
import type { Stores } from './store.ts'
import type { Callable, Listed, ListedKind, Tool } from './tool.ts'
import type { Answer, Entry } from './visit.ts'

/** Structured logging: one event name per line, never a secret, never a payload. */
export interface Log {
  debug(fields: object, event: string): void
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
  child(fields: object): Log
}

/** What happens inside the house and others may want to know. */
export interface Topics {
  /** The catalog holds other tools than before. */
  readonly catalog: { readonly source: string }
  /** Rights of one user changed (`undefined`: of many). */
  readonly access: { readonly userId: number | undefined }
  /** An upstream changed state or list. */
  readonly upstream: { readonly alias: string }
  /** What a server lists for one client session alone is another than before. */
  readonly session_lists: { readonly sessionKey: string }
  /** A visit ended. */
  readonly call: { readonly id: number; readonly tool: string; readonly callerId: string; readonly outcome: string }
  /** A client session is over; whatever was kept for its key (`Entry.sessionKey`) may go. */
  readonly session_ended: { readonly sessionKey: string }
  /** A client says that its roots are others than before (MCP `notifications/roots/list_changed`); its servers are to be told. */
  readonly roots_changed: { readonly sessionKey: string }
  /** A line was added to the server log that an operator should see. */
  readonly log: { readonly level: string }
  /** A job changed its state in a lane; at most once a second and lane. */
  readonly queue: { readonly lane: string }
  /** A function was changed, published or switched. */
  readonly function: { readonly name: string }
  /** An API was registered, changed or switched. */
  readonly api: { readonly alias: string }
  /** A secret was changed, or the keys over all of them. */
  readonly secret: { readonly name: string | undefined }
  /** A round of checks ended. */
  readonly monitor: { readonly verdict: string }
}

export type Topic = keyof Topics

/** In-process announcements. A listener that throws is logged and hurts nobody. */
export interface Events {
  publish<T extends Topic>(topic: T, body: Topics[T]): void
  /** @returns a function that ends the subscription */
  subscribe<T extends Topic>(topic: T, listener: (body: Topics[T]) => void): () => void
}

/** Keys of this installation, each derived for one purpose so that no two uses share one. */
export interface Keys {
  /**
   * 32 bytes, HKDF-SHA256 (RFC 5869) of a boot key with `purpose` as info.
   *
   * `ACCESS_CONTROL_KEY` is the one that this installation began with, so that seals and chains outlive its rotation; `MASTER_KEY` the one of today.
   */
  derive(from: 'SECRET_KEY_BASE' | 'COOKIE_SALT' | 'ACCESS_CONTROL_KEY' | 'MASTER_KEY', purpose: string): Buffer
}

/** The world as modules see it; everything that differs between tests and production is passed in here. */
export interface House<Settings = unknown> {
  /** Absolute folder of this installation's data. */
  readonly dataDir: string
  /** The module's own section of the configuration. */
  readonly settings: Settings
  /** The program's own version, as it introduces itself to others. */
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** The creation time in ms, bumped to stay unique within this process. */
  readonly nextId: () => number
  readonly log: Log
  readonly events: Events
  readonly keys: Keys
  /** Every permission key that an operation asks for, known once all modules are declared. */
  readonly permits: () => readonly string[]
  /** The tools that a caller would be shown; for explaining and for pages. */
  readonly tools: () => readonly Tool[]
  /** Look at one tool without calling it. */
  readonly tool: (name: string) => Tool | undefined
  /** The same of anything that can be called, by the door's name for it. */
  readonly find: (name: string) => Callable | undefined
  /** Prompts, resources or templates that sources offer. */
  readonly listed: (kind: ListedKind) => readonly Listed[]
  /** The door's names of what may have this URI, the likeliest first. @param source the only one that is meant; `undefined` for all */
  readonly resourceNames: (uri: string, source: string | undefined) => readonly string[]
  /** Call anything through the door, as somebody. Operations of other modules are asked with `scope.call`. @throws Fault */
  readonly enter: (caller: Caller, toolName: string, args: unknown, entry: Entry) => Promise<Answer>
  /** Somebody as they stand now, for work that is done later in their name; undefined once user or token are gone, revoked or expired. */
  readonly callerFor: (ref: CallerRef) => Promise<Caller | undefined>
  /** What texts of the configuration refer to. Call `declare` at any time, `resolve` once the stores are open. */
  readonly secrets: Secrets
  /** What may be reached: the section `[egress]`. */
  readonly egress: EgressRules
  readonly queue: Queue
  readonly meter: Meter
  /** The databases of all modules, for those who look after them. */
  readonly stores: Stores
  /** The processes of this gateway, the front first. */
  readonly processes: () => readonly ProcessState[]
  /** Hand a promise to the background runner, which logs its failure. */
  readonly background: (event: string, work: Promise<unknown>) => void
}
