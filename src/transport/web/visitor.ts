import type { FastifyRequest } from 'fastify'
import { authenticate, readCookie, readSession, SESSION_COOKIE } from '../authenticate.ts'
import type { Front } from '../front.ts'
import type { Visitor } from './console.ts'

/**
 * Who is signed in.
 *
 * @throws Fault `unauthorized` when nobody is, `forbidden` for a changing request without the session's CSRF token
 */
export async function visitorOf(front: Front, request: FastifyRequest): Promise<Visitor> {
  const caller = await authenticate(front, request)
  if (caller.authPath !== 'session') return { caller, csrf: '', cookie: undefined }
  const session = await readSession(front, request)
  return { caller, csrf: session?.csrf ?? '', cookie: readCookie(request.headers.cookie, SESSION_COOKIE) }
}
