import type { Meter } from '../contract/meter.ts'

/** Takes down one request that was answered. */
export type HttpMetrics = (request: { readonly method: string; readonly status: number; readonly authPath: string }) => void

/** Declare what is measured of HTTP. Methods are those that Node’s parser knows, so there are few. */
export function measureHttp(meter: Meter): HttpMetrics {
  const requests = meter.counter('gatehouse_http_requests_total', 'HTTP requests that were answered.', [
    'method',
    'status',
    'auth',
  ])
  return ({ method, status, authPath }) => requests.add({ method, status: String(status), auth: authPath })
}
