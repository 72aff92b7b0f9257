import type { z } from 'zod'
import type { apiLane } from '../../queue/api.lane.ts'
import type { HttpRequest } from './http-request.ts'
import { ofPassed } from './request-headers.ts'
import { requireBelow } from './require-below.ts'

type Pass = Extract<z.output<typeof apiLane.payload>, { kind: 'pass' }>

/** A request in the API's own shape. @throws Fault `invalid` for a path that leads away from the API */
export function passedRequest({ serverUrl, target, method, headers, body }: Pass): HttpRequest {
  const url = `${serverUrl.replace(/\/+$/, '')}${target.startsWith('/') ? '' : '/'}${target}`
  return {
    method: method.toUpperCase(),
    url: requireBelow(serverUrl, url),
    headers: ofPassed(headers),
    body: body === null ? null : Buffer.from(body, 'base64'),
  }
}
