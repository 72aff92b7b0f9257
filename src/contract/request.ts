import type { AuthPath } from './caller.ts'

/** One HTTP request, as the access log keeps it. */
export interface HttpRow {
  readonly requestId: string
  readonly at: number
  readonly method: string
  /** Path without the query, because queries may carry what must not be kept. */
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly authPath: AuthPath
  readonly callerId: string | undefined
  readonly callerName: string | undefined
  readonly address: string
  readonly userAgent: string | undefined
}

/** Takes a row without waiting; it is written with the next batch. */
export type HttpRecorder = (row: HttpRow) => void
