import type { Credential } from '../../queue/api.lane.ts'
import type { Limits } from '../../src/core/egress/exchange.ts'
import { SendFailure } from '../../src/core/egress/send-failure.ts'
import type { AccessTokens } from './access-token.ts'
import type { HttpRequest } from './http-request.ts'

/** A request that says who it is from. */
interface Signed {
  readonly request: HttpRequest
  /** What must not be seen in an answer that repeats it. */
  readonly hidden: readonly string[]
  /** The access token that it carries, where the worker got one. */
  readonly accessToken: string | undefined
}

/** Put a credential where it belongs. It wins over what a caller put there. @throws SendFailure where an access token cannot be had */
export async function withCredential(
  request: HttpRequest,
  credential: Credential,
  tokens: AccessTokens,
  limits: Limits,
): Promise<Signed> {
  switch (credential.kind) {
    case 'none':
      return { request, hidden: [], accessToken: undefined }
    case 'apiKey':
      return { request: withKey(request, credential), hidden: formsOf(credential.value), accessToken: undefined }
    case 'basic': {
      const { user, password } = credential
      const pair = Buffer.from(`${user}:${password}`).toString('base64')
      return { request: withHeader(request, 'authorization', `Basic ${pair}`), hidden: [password, pair], accessToken: undefined }
    }
    case 'bearer':
      return bearer(request, credential.token, undefined)
    case 'oauth2': {
      const token = await tokens.get(credential, limits)
      return bearer(request, token, token)
    }
  }
}

const bearer = (request: HttpRequest, token: string, accessToken: string | undefined): Signed => ({
  request: withHeader(request, 'authorization', `Bearer ${token}`),
  hidden: [token],
  accessToken,
})

type ApiKey = Extract<Credential, { kind: 'apiKey' }>

function withKey(request: HttpRequest, { in: place, name, value }: ApiKey): HttpRequest {
  if (place === 'header') return withHeader(request, name.toLowerCase(), value)
  if (place === 'cookie') return withHeader(request, 'cookie', withCookie(request.headers['cookie'], name, value))
  const url = new URL(request.url)
  const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  // As texts: to set or delete one in a URL would write every other anew.
  const others = url.search
    .slice(1)
    .split('&')
    .filter((one) => one !== '' && !isNamed(one, name))
  url.search = `?${[...others, pair].join('&')}`
  return { ...request, url: url.href }
}

const isNamed = (pair: string, name: string): boolean => new URLSearchParams(pair).has(name)

function withCookie(others: string | undefined, name: string, value: string): string {
  const kept = (others ?? '').split(/;\s*/).filter((one) => one !== '' && !one.startsWith(`${name}=`))
  return [...kept, `${name}=${value}`].join('; ')
}

/** @throws SendFailure for a value that no header can hold, such as one with a line break */
function withHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    const way = 'Keep it again as one line of plain characters.'
    throw new SendFailure('unavailable', `The credential of this API holds characters that no header can carry. ${way}`, false)
  }
  return { ...request, headers: { ...request.headers, [name]: value } }
}

const formsOf = (value: string): readonly string[] => [...new Set([value, encodeURIComponent(value)])]
