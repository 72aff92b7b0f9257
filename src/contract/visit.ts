import type { Caller } from './caller.ts'
import type { Fault, FaultCode, Outcome } from './fault.ts'
import type { Callable } from './tool.ts'

/** The stages of the door, in the order in which every call passes them. */
export const STAGES = [
  'find',
  'kill',
  'permit',
  'limit',
  'parse',
  'approve',
  'budget',
  'screen_arguments',
  'slot',
  'run',
  'shape',
  'screen_result',
  'record',
] as const

export type Stage = (typeof STAGES)[number]

/** Time spent in one stage. */
export interface Span {
  readonly stage: Stage
  /** Microseconds since the visit began. */
  readonly startUs: number
  readonly durationUs: number
}

/** Which way a call came in. */
export type Transport = 'mcp' | 'rest' | 'web' | 'cli' | 'lane' | 'system'

/** MCP progress, as a tool reports it and a client receives it; unknown fields travel along. */
export interface Progress {
  readonly progress: number
  readonly total?: number
  readonly message?: string
  readonly [extra: string]: unknown
}

/**
 * What a tool answers.
 *
 * `data`: an operation's output object. `relay`: an MCP result (of a call, a prompt, a resource …) exactly as a server sent it, unknown fields included.
 */
export type Answer =
  | { readonly kind: 'data'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'relay'; readonly result: RelayedResult }

/** An MCP result, of which only these fields are looked at; they are those of a `CallToolResult`. */
export interface RelayedResult {
  readonly content?: readonly Readonly<Record<string, unknown>>[]
  readonly structuredContent?: unknown
  readonly isError?: boolean
  readonly [extra: string]: unknown
}

/**
 * Ask the client something in the name of a server (MCP `elicitation/create`, `sampling/createMessage`, `roots/list`).
 *
 * Resolves with the client's result as it came.
 *
 * @throws RpcError as the client answered it, Fault `cancelled`, `timeout`, `unavailable` when nobody can be asked
 */
export type Ask = (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>

/** What a server says or asks outside any call; it goes to the client's standing stream. */
export interface Standing {
  /** @returns whether somebody heard it, or will */
  notify(method: string, params: unknown): boolean
  readonly ask: Ask
}

/** The MCP client behind a call. The same object for all calls of one session. */
export interface Client {
  /** MCP `ClientCapabilities`, exactly as the client declared them; servers are told the same, less what the operator forbids. */
  readonly capabilities: Readonly<Record<string, unknown>>
  /** MCP `Implementation`, if it introduced itself. */
  readonly info: Readonly<Record<string, unknown>> | undefined
  /** From which level on it wants log messages. `undefined`: all in the session era, none in the stateless one. */
  readonly logLevel: string | undefined
  /** It takes `input_required` results and sends the answers with a call of its own (MCP 2026-07-28, multi round-trip requests). */
  readonly takesInputRequired: boolean
  /** The one source that its address serves; absent where all are. URIs that several sources have are told apart only there. */
  readonly source?: string | undefined
  readonly standing: Standing | undefined
}

/** What a transport brings to the door besides caller, name and arguments. */
export interface Entry {
  readonly transport: Transport
  /** Correlates access log, call record, server log and answer. */
  readonly requestId: string
  /**
   * The client session that the call belongs to; a stateful upstream keeps one session per key. Always contains the caller's id,
   * so that nothing is ever shared across callers.
   */
  readonly sessionKey: string
  readonly signal: AbortSignal
  /** Present when the client asked for progress. */
  readonly progress?: (progress: Progress) => void
  /** MCP `params` of the call besides `name` and `arguments` (unknown fields and `_meta`, without the progress token), to relay untouched. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Notifications of the upstream that belong to this call (e.g. `notifications/message`), to relay untouched. */
  readonly notify?: (method: string, params: unknown) => void
  /**
   * What the transport already found wrong with the arguments (a field in two places, a part where none belongs). Stage `parse`
   * refuses with it, so that rights are still looked at first and the refusal is recorded.
   */
  readonly malformed?: Fault
  /** W3C Trace Context, as the client sent it; handed on to whoever is called. */
  readonly traceparent?: string
  /** The MCP client that asks, where it is one. */
  readonly client?: Client
  /** Ask that client something as part of this call. */
  readonly ask?: Ask
  /** The visit that this one is part of. */
  readonly parentId?: number
  /** How many functions stand above this call and wait for it. Default 0. */
  readonly depth?: number
  /** It belongs to a visit or a job that was let in before, and so is let in even while the gateway stops. Default false. */
  readonly isPart?: boolean
}

/** One call on its way through the door. */
export interface Visit extends Entry {
  /** Creation time in ms, unique (see `core/id.ts`). */
  readonly id: number
  readonly startedAt: number
  readonly caller: Caller
  readonly tool: Callable
  /** Raw until stage `parse` has passed, then parsed. */
  arguments: unknown
  readonly spans: Span[]
}

/** How a visit ended, for the record. */
export interface Ending {
  readonly outcome: Outcome
  /** The stage that refused or failed. */
  readonly stage: Stage | undefined
  readonly code: FaultCode | undefined
  /** Safe to show. */
  readonly message: string | undefined
  readonly answer: Answer | undefined
  /** What was really thrown, for the server log only. */
  readonly cause: unknown
  readonly durationMs: number
}
