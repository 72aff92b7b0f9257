import type { FastifyReply } from 'fastify'
import type { Front } from '../front.ts'
import { isSecure } from '../http-settings.ts'

/** Nothing but our own files; no inline script or style, no framing, no forms to elsewhere (CSP level 3). */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const ALWAYS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const

/** One year (RFC 6797); sent only where browsers reach us over TLS. */
const HSTS = 'max-age=31536000'

/** Puts the console's security headers on a reply. */
export function securityHeaders({ http }: Front): (reply: FastifyReply) => void {
  const headers = isSecure(http) ? { ...ALWAYS, 'strict-transport-security': HSTS } : ALWAYS
  return (reply) => void reply.headers(headers)
}
