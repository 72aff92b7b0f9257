import { isGatewayHeader } from '../../src/core/egress/gateway-header.ts'

/** What a request in the API's own shape may say for itself; everything else stays with the gateway. */
const PASSED: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'content-language',
  'content-encoding',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'idempotency-key',
  'prefer',
  'range',
])

/** What an operation's parameters may set: anything that is not ours. */
export const ofOperation = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  only(headers, (name) => !isGatewayHeader(name))

/** What of a passed request goes on. Its cookies and its authorisation were for the gateway. */
export const ofPassed = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  only(headers, (name) => PASSED.has(name))

/** What every request says. */
export function ofGateway(requestId: string, traceparent: string | null): Record<string, string> {
  return {
    'accept-encoding': 'gzip, br',
    'user-agent': 'gatehouse',
    'x-request-id': requestId,
    ...(traceparent !== null && { traceparent }),
  }
}

function only(headers: Readonly<Record<string, string>>, isKept: (name: string) => boolean): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(lower.filter(([name]) => isKept(name)))
}
