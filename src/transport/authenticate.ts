import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Session } from '../contract/authenticator.ts'
import type { AuthPath, Caller } from '../contract/caller.ts'
import { Fault } from '../contract/fault.ts'
import type { Entry, Transport } from '../contract/visit.ts'
import type { Front } from './front.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once `authenticate` has said so; the access log reads it. */
    caller: Caller | undefined
    authPath: AuthPath
  }
}

/** The web session's cookie. */
export const SESSION_COOKIE = 'gatehouse_session'

/** W3C Trace Context, 3.2; later versions may say more behind. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{0,200})?$/

/** Methods that change nothing and so need no CSRF token (RFC 9110, 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who asks: a bearer token, or else a session cookie, whose requests must carry the session's CSRF token when they change something.
 *
 * @throws Fault `unauthorized` without valid credentials, `forbidden` without the CSRF token
 */
export async function authenticate(front: Front, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers
  if (authorization !== undefined) return authenticateBearer(front, request, authorization)
  const session = await readSession(front, request)
  if (!session)
    throw new Fault(
      'unauthorized',
      'This needs credentials. Send a token as Authorization: Bearer <token>, or sign in to the console.',
    )
  requireCsrf(request, session)
  return note(request, session.caller)
}

/** The live web session of a request, if it carries one; does not look at the CSRF token. */
export async function readSession({ gatehouse }: Front, request: FastifyRequest): Promise<Session | undefined> {
  const cookie = readCookie(request.headers.cookie, SESSION_COOKIE)
  const session = cookie === undefined ? undefined : await gatehouse.authenticator.session(cookie)
  if (session) note(request, session.caller)
  return session
}

/** One cookie's value (RFC 6265, 5.4), or nothing. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value) return value
  }
  return undefined
}

/** Build what the door needs to know of a request. `signal` aborts when the caller no longer waits. */
export function newEntry(request: FastifyRequest, transport: Transport, caller: Caller, signal: AbortSignal): Entry {
  const { traceparent } = request.headers
  const isTraced = typeof traceparent === 'string' && TRACEPARENT.test(traceparent)
  return { transport, requestId: request.id, sessionKey: `${caller.id}/${transport}`, signal, ...(isTraced && { traceparent }) }
}

async function authenticateBearer({ gatehouse }: Front, request: FastifyRequest, authorization: string): Promise<Caller> {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1]
  if (!token) throw new Fault('unauthorized', 'The Authorization header was not understood. Send Authorization: Bearer <token>.')
  return note(request, await gatehouse.authenticator.bearer(token))
}

function note(request: FastifyRequest, caller: Caller): Caller {
  request.caller = caller
  request.authPath = caller.authPath
  return caller
}

function requireCsrf(request: FastifyRequest, session: Session): void {
  if (SAFE_METHODS.has(request.method)) return
  const field = (request.body as { _csrf?: unknown } | null | undefined)?._csrf
  const sent = request.headers['x-csrf-token'] ?? field
  if (typeof sent === 'string' && sameText(sent, session.csrf)) return
  throw new Fault('forbidden', 'The form has expired or came from another site. Reload the page and send it again.')
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
