import { setTimeout as wait } from 'node:timers/promises'
import type { Credential } from '../../queue/api.lane.ts'
import type { Limits } from '../../src/core/egress/exchange.ts'
import type { Sender, SentAnswer } from '../../src/core/egress/sender.ts'
import type { AccessTokens } from './access-token.ts'
import type { Credentials } from './credential-of.ts'
import type { HttpRequest } from './http-request.ts'
import { nextTry, type Try } from './next-try.ts'
import { withCredential } from './with-credential.ts'

/** What sending stands on, in one thread. */
export interface SendGround {
  readonly sender: Sender
  readonly tokens: AccessTokens
  readonly credentials: Credentials
  readonly nowMs: () => number
}

/** One request and how it may be sent. */
interface Errand {
  readonly request: HttpRequest
  readonly credential: Credential
  readonly isRepeatable: boolean
  readonly maxAnswerBytes: number
  /** Ms since the epoch. */
  readonly deadline: number
}

/** What came of an errand. */
export interface Outcome {
  readonly answer: SentAnswer
  /** Tries and redirects together. */
  readonly requests: number
  /** What must not be seen in the answer. */
  readonly hidden: readonly string[]
}

/** Send a request, again where that is safe and may help. @throws SendFailure; the signal's reason where it was given up */
export async function sendWithCare(ground: SendGround, errand: Errand, limits: Limits): Promise<Outcome> {
  let requests = 0
  let isRenewed = false
  for (let tries = 1; ; tries += 1) {
    const done = await tryOnce(ground, errand, limits)
    requests += done.ok ? done.answer.requests : 1
    if (done.ok && done.accessToken !== undefined && done.answer.status === 401 && !isRenewed) {
      // It ended earlier than was said, or was revoked: whatever the method, nothing was done (RFC 6750, 3.1).
      isRenewed = true
      if (errand.credential.kind === 'oauth2') ground.tokens.forget(errand.credential, done.accessToken)
      continue
    }
    const { isRepeatable, deadline } = errand
    const waitMs = nextTry(seen(done), { tries, isRepeatable, deadline, nowMs: ground.nowMs(), dice: Math.random() })
    if (waitMs !== undefined) await wait(waitMs, undefined, { signal: limits.signal }).catch(() => limits.signal.throwIfAborted())
    else if (done.ok) return { answer: done.answer, requests, hidden: done.hidden }
    else throw done.failure
  }
}

type Done =
  | {
      readonly ok: true
      readonly answer: SentAnswer
      readonly hidden: readonly string[]
      readonly accessToken: string | undefined
    }
  | { readonly ok: false; readonly failure: unknown }

async function tryOnce({ sender, tokens }: SendGround, errand: Errand, limits: Limits): Promise<Done> {
  try {
    const { request, hidden, accessToken } = await withCredential(errand.request, errand.credential, tokens, limits)
    const { method, url, headers, body } = request
    const hop = { url: new URL(url), method, headers, body, maxAnswerBytes: errand.maxAnswerBytes }
    return { ok: true, answer: await sender.send(hop, limits), hidden, accessToken }
  } catch (failure) {
    return { ok: false, failure }
  }
}

const seen = (done: Done): Try =>
  done.ok ? { ok: true, status: done.answer.status, retryAfter: done.answer.headers['retry-after'] } : done
