import type { FastifyReply, FastifyRequest } from 'fastify'
import { FAULTS, Fault } from '../contract/fault.ts'
import { scrubFault } from '../core/scrub-value.ts'
import type { Front } from './front.ts'

/** What Fastify's own refusals mean here. */
const FASTIFY_FAULTS: Readonly<Record<string, (error: Error) => Fault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Fault('too_large', 'The request body is larger than bodyLimitBytes in [http] allows.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Fault('invalid', 'The content type is not one that this address takes. Send application/json.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new Fault('invalid', 'The body is empty although its content type says JSON.'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new Fault('invalid', 'The body is not valid JSON.'),
  FST_ERR_BAD_URL: () => new Fault('invalid', 'The address is not a valid URL: a % in it must begin an escape such as %20.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new Fault('invalid', 'A part of the address is longer than 512 characters.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new Fault('invalid', 'The Content-Length header does not fit the body.'),
}

/** HTTP statuses that say more than the fault's own. */
const STATUS: Readonly<Record<string, number>> = { FST_ERR_CTP_INVALID_MEDIA_TYPE: 415, FST_ERR_MAX_PARAM_LENGTH: 414 }

/** Turn whatever was thrown into a fault that may be shown; log what was a bug. */
export function faultOf(front: Front, thrown: unknown, request: FastifyRequest): Fault {
  const code = (thrown as { code?: string } | null)?.code
  const known = code === undefined ? undefined : FASTIFY_FAULTS[code]
  if (known) return known(thrown as Error)
  if (code === 'ECONNRESET' && !request.raw.complete) {
    return new Fault('cancelled', 'The connection ended before the whole request had arrived.', { cause: thrown })
  }
  if (thrown instanceof SyntaxError && (thrown as { statusCode?: number }).statusCode === 400) {
    return new Fault('invalid', 'The body is not valid JSON.', { cause: thrown })
  }
  const { statusCode = 500 } = (thrown ?? {}) as { statusCode?: number }
  // Whatever else it refuses is the request's own fault, such as QUERY without a content type.
  if (code?.startsWith('FST_ERR_') && statusCode < 500) {
    return new Fault('invalid', `${(thrown as Error).message.replace(/\.$/, '')}.`, { cause: thrown })
  }
  const fault = scrubFault(Fault.from(thrown))
  if (fault.code === 'internal' && !(thrown instanceof Fault)) {
    front.gatehouse.log.error({ err: thrown, requestId: request.id, path: request.routeOptions.url }, 'http.bug')
  }
  return fault
}

/** A problem document (RFC 9457). `type` leads to the code's paragraph in the fault reference. */
export function problemOf(fault: Fault, requestId: string, status: number = FAULTS[fault.code].http): object {
  const { title, retryable } = FAULTS[fault.code]
  return {
    type: `/api/docs/faults#${fault.code}`,
    title,
    status,
    detail: fault.message,
    code: fault.code,
    retryable,
    request_id: requestId,
    ...(fault.details.length > 0 && { errors: fault.details }),
    ...(fault.data && { data: fault.data }),
  }
}

/** Answer with a problem document. `status` where HTTP has a more exact one than the fault's own. */
export async function sendProblem(
  front: Front,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  status?: number,
): Promise<FastifyReply> {
  const fault = faultOf(front, thrown, request)
  const exact = status ?? STATUS[(thrown as { code?: string } | null)?.code ?? ''] ?? FAULTS[fault.code].http
  if (fault.code === 'unauthorized') reply.header('www-authenticate', challenge(request))
  if (fault.retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(fault.retryAfterMs / 1_000)))
  return reply
    .code(exact)
    .type('application/problem+json')
    .send(problemOf(fault, request.id, exact))
}

/** RFC 6750, 3: no error code where no credentials were shown. */
export const challenge = (request: FastifyRequest): string =>
  request.headers.authorization === undefined ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"'
