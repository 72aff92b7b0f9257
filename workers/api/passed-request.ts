import type { z } from 'zod'
import type { apiLane } from '../../queue/api.lane.ts'
import { SendFailure } from '../../src/core/egress/send-failure.ts'
import type { HttpRequest } from './http-request.ts'
import { ofPassed } from './request-headers.ts'

type Pass = Extract<z.output<typeof apiLane.payload>, { kind: 'pass' }>

/** A request in the API's own shape. @throws SendFailure for a path that leads away from the API */
export function passedRequest({ serverUrl, target, method, headers, body }: Pass): HttpRequest {
  const base = serverUrl.replace(/\/+$/, '')
  const url = URL.parse(`${base}${target.startsWith('/') ? '' : '/'}${target}`)
  // The parser resolves dots, written out or as %2e, which could lead above what was registered.
  if (url === null || !isBelow(url, new URL(base)))
    throw new SendFailure(
      'invalid',
      'The path leads away from the API. Write it as the API does, without dots that go up.',
      false,
    )
  return {
    method: method.toUpperCase(),
    url: url.href,
    headers: ofPassed(headers),
    body: body === null ? null : Buffer.from(body, 'base64'),
  }
}

function isBelow(url: URL, base: URL): boolean {
  const path = base.pathname.replace(/\/+$/, '')
  const isOwn = url.pathname === path || url.pathname.startsWith(`${path}/`)
  return url.origin === base.origin && url.username === '' && url.password === '' && isOwn
}
