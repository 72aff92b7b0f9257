import type { Meter } from '../../contract/meter.ts'
import { ClientError } from '../../mcp/client/client-error.ts'

/** Takes down how requests to servers end. */
export interface CallMetrics {
  answered(alias: string, durationMs: number): void
  failed(alias: string, durationMs: number, cause: unknown): void
}

/** Declare what is measured of calls to servers: what the door adds is not in it. */
export function measureCalls(meter: Meter): CallMetrics {
  const seconds = meter.histogram('gatehouse_upstream_call_seconds', 'How long upstreams took to answer a request of a call.', [
    'upstream',
  ])
  const errors = meter.counter(
    'gatehouse_upstream_errors_total',
    'Requests that an upstream did not answer with a result, by why.',
    ['upstream', 'kind'],
  )
  return {
    answered: (upstream, durationMs) => seconds.observe({ upstream }, durationMs / 1_000),
    failed(upstream, durationMs, cause) {
      seconds.observe({ upstream }, durationMs / 1_000)
      errors.add({ upstream, kind: cause instanceof ClientError ? cause.kind : 'rpc_error' })
    },
  }
}
