import type { FastifyReply, FastifyRequest } from 'fastify'
import { FAULTS, Fault, type FaultCode } from '../../contract/fault.ts'
import { readCookie, readSession, SESSION_COOKIE } from '../authenticate.ts'
import { faultOf, sendProblem } from '../problem.ts'
import { type Console, showPage, themeOf } from './console.ts'

/** Headings for what is no failure of the gateway. */
const TITLES: Partial<Record<FaultCode, string>> = { not_found: 'Not found', forbidden: 'You may not see this' }

/** Answer with a page that says what went wrong and the way out; who is not signed in is sent to do so. */
export async function showFault(
  console: Console,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { front } = console
  const fault = thrown instanceof Fault ? thrown : faultOf(front, thrown, request)
  if (request.url === '/events') return sendProblem(front, fault, request, reply)
  if (fault.code === 'unauthorized' && request.method === 'GET') {
    return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303)
  }
  const { http: status, title } = FAULTS[fault.code]
  if (fault.retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(fault.retryAfterMs / 1_000)))
  const session = fault.code === 'unauthorized' ? undefined : await readSession(front, request)
  const data = { fault, title, status }
  if (session) {
    const visitor = { caller: session.caller, csrf: session.csrf, cookie: readCookie(request.headers.cookie, SESSION_COOKIE) }
    return showPage(console, request, reply, visitor, {
      view: 'fault',
      title: TITLES[fault.code] ?? 'That did not work',
      status,
      data,
    })
  }
  const html = console.render('fault-bare', {
    ...data,
    theme: themeOf(request),
    requestId: request.id,
    version: front.gatehouse.version,
  })
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
}

/** Answer for an address that does not exist: a page for browsers, a problem document for programs. */
export async function showMissing(console: Console, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fault = new Fault(
    'not_found',
    'There is no page at this address. It may have been removed, or the address mistyped; the menu leads to all pages.',
  )
  const wantsPage =
    request.headers.accept?.includes('text/html') && !/^\/(api|mcp|static)(\/|$)/.test(request.url.split('?', 1)[0]!)
  return wantsPage ? showFault(console, fault, request, reply) : sendProblem(console.front, fault, request, reply)
}
