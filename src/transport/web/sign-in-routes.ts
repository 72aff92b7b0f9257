import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SignedIn } from '../../contract/authenticator.ts'
import { FAULTS, Fault } from '../../contract/fault.ts'
import { readSession, SESSION_COOKIE } from '../authenticate.ts'
import { isLoopback, isSecure } from '../http-settings.ts'
import { type Console, THEME_COOKIE, THEMES, themeOf } from './console.ts'
import { safePath } from './safe-path.ts'
import { visitorOf } from './visitor.ts'

/** Ties the sign-in form to the browser that asked for it, before there is a session to hold its token. */
const FORM_COOKIE = 'gatehouse_form'

/** A year, in seconds. */
const THEME_MAX_AGE_S = 31_536_000

/** What is missing, too long or no text is a wrong name or password like any other. */
const signInBody = z.object({
  name: z.string().max(200).catch(''),
  password: z.string().max(1_000).catch(''),
  next: z.string().optional().catch(undefined),
  _csrf: z.string().optional().catch(undefined),
})

const joinBody = z.object({
  invitation: z.string().max(200).catch(''),
  name: z.string().max(200).catch(''),
  email: z.string().max(254).catch(''),
  password: z.string().max(1_000).catch(''),
  _csrf: z.string().optional().catch(undefined),
})

interface Typed {
  readonly name?: string
  readonly email?: string
  readonly next?: string
  readonly fault?: Fault
}

/** Signing in and out, and the choice of colours. */
export function signInRoutes(console: Console): (app: FastifyInstance) => Promise<void> {
  const { front } = console
  const cookieOptions = (request: FastifyRequest) => ({
    path: '/',
    httpOnly: true,
    sameSite: 'lax' as const,
    secure:
      isSecure(front.http) || request.protocol === 'https' || !(isLoopback(request.hostname) || front.http.acknowledgeNoTls),
  })

  const showForm = (request: FastifyRequest, reply: FastifyReply, view: 'sign-in' | 'join', typed: Typed) => {
    const known = request.cookies[FORM_COOKIE]
    const csrf = known && /^[\w-]{20,}$/.test(known) ? known : randomBytes(24).toString('base64url')
    if (csrf !== known) reply.setCookie(FORM_COOKIE, csrf, cookieOptions(request))
    const html = console.render(view, { ...typed, csrf, theme: themeOf(request), version: front.gatehouse.version })
    return reply
      .code(typed.fault ? FAULTS[typed.fault.code].http : 200)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(html)
  }

  const enter = (request: FastifyRequest, reply: FastifyReply, { cookie, caller }: SignedIn, next: string) => {
    request.caller = caller
    request.authPath = 'session'
    return reply
      .setCookie(SESSION_COOKIE, cookie, cookieOptions(request))
      .clearCookie(FORM_COOKIE, cookieOptions(request))
      .redirect(next, 303)
  }

  return async (app) => {
    app.get<{ Querystring: { next?: string } }>('/sign-in', async (request, reply) => {
      const next = safePath(request.query.next)
      if (await readSession(front, request)) return reply.redirect(next, 303)
      return showForm(request, reply, 'sign-in', { next })
    })

    app.post('/sign-in', async (request, reply) => {
      const { name, password, next: given, _csrf } = signInBody.parse(request.body ?? {})
      const next = safePath(given)
      try {
        requireOwnForm(request, _csrf)
        return enter(request, reply, await front.gatehouse.authenticator.signIn(name, password, request.ip), next)
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown
        return showForm(request, reply, 'sign-in', { name, next, fault: thrown })
      }
    })

    app.get('/join', async (request, reply) => showForm(request, reply, 'join', {}))

    app.post('/join', async (request, reply) => {
      const { invitation, name, email, password, _csrf } = joinBody.parse(request.body ?? {})
      try {
        requireOwnForm(request, _csrf)
        const asked = { name, password, ...(email && { email }), ...(invitation && { invitation: invitation.trim() }) }
        return enter(request, reply, await front.gatehouse.authenticator.join(asked, request.ip), '/')
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown
        return showForm(request, reply, 'join', { name, email, fault: thrown })
      }
    })

    app.post('/sign-out', async (request, reply) => {
      const { cookie } = await visitorOf(front, request)
      if (cookie !== undefined) {
        await front.gatehouse.authenticator.signOut(cookie)
        console.streams.close(cookie)
      }
      return reply.clearCookie(SESSION_COOKIE, cookieOptions(request)).redirect('/sign-in', 303)
    })

    app.post<{ Body: { theme?: string; _next?: string } }>('/theme', async (request, reply) => {
      await visitorOf(front, request)
      const theme = THEMES.find((one) => one === request.body?.theme) ?? 'auto'
      return reply
        .setCookie(THEME_COOKIE, theme, { ...cookieOptions(request), maxAge: THEME_MAX_AGE_S })
        .redirect(safePath(request.body?._next), 303)
    })
  }
}

/** @throws Fault `forbidden` for a form that this browser did not ask for, or too long ago */
function requireOwnForm(request: FastifyRequest, csrf: string | undefined): void {
  if (!csrf || csrf !== request.cookies[FORM_COOKIE]) throw new Fault('forbidden', 'The form has expired. Please send it again.')
}
