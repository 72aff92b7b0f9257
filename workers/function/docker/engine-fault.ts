import { BackendRefusal } from '../backend-refusal.ts'

/** What an engine answered to a request that it refused. */
interface EngineError {
  readonly statusCode?: number
  readonly json?: { readonly message?: unknown }
  readonly code?: string
}

const LOST = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']

/** HTTP status of a refused request; `undefined` where there was no answer. */
export const statusOf = (thrown: unknown): number | undefined => (thrown as EngineError).statusCode

/** The engine's own words, shortened. */
export function wordsOf(thrown: unknown): string {
  const said = (thrown as EngineError).json?.message
  return (typeof said === 'string' ? said : thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500)
}

/** An engine that cannot be reached, or fails: no fault of the function, and worth another try. */
export function engineFault(thrown: unknown, socketPath: string): BackendRefusal {
  if (thrown instanceof BackendRefusal) return thrown
  const status = statusOf(thrown)
  if (status !== undefined)
    return new BackendRefusal('unavailable', `The Docker engine refused with status ${status}: ${wordsOf(thrown)}`, {
      cause: thrown,
    })
  const { code } = thrown as EngineError
  if (code !== undefined && LOST.includes(code))
    return new BackendRefusal('unavailable', `The Docker engine at ${socketPath} went away during the run.`, { cause: thrown })
  const hint =
    code === 'EACCES'
      ? ' This user may not open it: add it to the group that owns the socket.'
      : ' Is the engine running? socketPath in [function.docker] says where it is.'
  return new BackendRefusal(
    'unavailable',
    `The Docker engine at ${socketPath} cannot be reached (${code ?? wordsOf(thrown)}).${hint}`,
    {
      cause: thrown,
    },
  )
}
