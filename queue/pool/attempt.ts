/** What a thread is given to run. Small, because it is cloned for each. */
export interface AttemptOrder {
  readonly id: number
  readonly attempt: number
  /** ms since the epoch. */
  readonly deadline: number
  readonly maxResultBytes: number
  /** JSON text. */
  readonly payload: string
}

/** How an attempt without a result ended, as a thread says it. */
export type NoResult =
  | { readonly kind: 'retry'; readonly reason: string; readonly code?: string; readonly afterMs?: number }
  | { readonly kind: 'snooze'; readonly delayMs: number }
  | { readonly kind: 'cancel'; readonly reason: string; readonly code?: string }

/** JSON text of the result, or how it ended without one. */
export type AttemptEnd = string | NoResult

/** An attempt that is over in a thread that runs several. */
export type Ended = readonly [id: number, attempt: number, end: AttemptEnd]

/** What such a thread says between its answers. */
export interface Ends {
  readonly ends: readonly Ended[]
}

/** What a thread needs to know of its lane. */
export interface ThreadData {
  /** URL of `workers/<lane>.task.ts`, whose default export runs the lane's jobs. */
  readonly taskUrl: string
  /** Whether its tasks may ask and report. */
  readonly talks: boolean
  /** Name of the broadcast channel on which attempts are told to stop. */
  readonly control: string
}

/** Tells threads that one attempt has to stop. */
export interface StopOrder {
  readonly id: number
  readonly attempt: number
  readonly reason: string
}

/** What a thread says when an attempt talks for the first time: most never do, and a channel for each cost more than the rest of its way. */
export interface Opened {
  readonly opened: { readonly id: number; readonly attempt: number }
  readonly port: import('node:worker_threads').MessagePort
}

/** From a task to its worker: a question, or a report. Texts are JSON. */
export type TaskTalk =
  | { readonly ask: number; readonly name: string; readonly text: string }
  | { readonly chunk: string }
  /** The last of it, which is answered with {@link HEARD}. */
  | { readonly over: true }

/** What a worker answers once it has heard everything: the end of an attempt comes on another way, and must not come before. */
export const HEARD = 'heard'

/** From a worker to its task: an answer (JSON text), or a refusal (its message). */
export interface TalkBack {
  readonly ask: number
  /** Of the fault; null for an answer. */
  readonly code: string | null
  readonly text: string
}
