import type { z } from 'zod'
import type { apiLane } from '../../queue/api.lane.ts'
import type { TaskContext } from '../../queue/lane.ts'
import type { Limits } from '../../src/core/egress/exchange.ts'
import { answerHeaders } from './answer-headers.ts'
import { buildRequest } from './build-request.ts'
import { hiderOf } from './hider.ts'
import type { HttpRequest } from './http-request.ts'
import { passedRequest } from './passed-request.ts'
import { readAnswer } from './read-answer.ts'
import { ofGateway, ofOperation } from './request-headers.ts'
import { requireBelow } from './require-below.ts'
import { requireOwnPath } from './require-own-path.ts'
import { type SendGround, sendWithCare } from './send-with-care.ts'

type Payload = z.output<typeof apiLane.payload>
type Request = Exclude<Payload, { kind: 'fetch' }>
type Fetch = Extract<Payload, { kind: 'fetch' }>
type Answered = z.input<typeof apiLane.result>

/** What a thread needs to end before the pool ends it, in ms. */
const MARGIN_MS = 150

/** What fits into a result of the lane as base64, in bytes. */
const MOST_BYTES = 24_000_000

const DOCUMENT =
  'application/json, application/yaml;q=0.9, application/x-yaml;q=0.9, text/yaml;q=0.9, text/plain;q=0.5, */*;q=0.1'

/** Do what a job of the lane asks for. @throws SendFailure, TaskAskError, Fault; the signal's reason where it was called off */
export async function runApi(ground: SendGround, payload: Payload, context: TaskContext): Promise<Answered> {
  const startedAt = ground.nowMs()
  const deadline = Math.min(startedAt + payload.timeoutMs, context.deadline - MARGIN_MS)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), Math.max(0, deadline - startedAt))
  const limits = { signal: context.signal, late: late.signal }
  try {
    const answered = await (payload.kind === 'fetch'
      ? fetchDocument(ground, payload, limits)
      : call(ground, payload, deadline, limits, context))
    return { ...answered, durationMs: ground.nowMs() - startedAt }
  } finally {
    clearTimeout(timer)
  }
}

type Timeless = Omit<Answered, 'durationMs'>

async function call(
  ground: SendGround,
  payload: Request,
  deadline: number,
  limits: Limits,
  context: TaskContext,
): Promise<Timeless> {
  const { isRepeatable } = payload
  const maxAnswerBytes = Math.min(payload.maxAnswerBytes, MOST_BYTES)
  const request = requestOf(payload)
  const credential = await ground.credentials.of(payload, context)
  const errand = { request, credential, isRepeatable, maxAnswerBytes, deadline }
  const { answer, requests, hidden } = await sendWithCare(ground, errand, limits)
  const accept = payload.kind === 'call' ? payload.plan.accept : []
  const hider = hiderOf(hidden)
  return {
    kind: 'answered',
    status: answer.status,
    headers: answerHeaders(answer.headers, payload.answerHeaders, hider),
    ...readAnswer(answer, accept, hider, payload.kind === 'pass'),
    isCut: answer.isCut,
    requests,
  }
}

function requestOf(payload: Request): HttpRequest {
  const { requestId, traceparent } = payload
  const { method, url, headers, body } = payload.kind === 'call' ? operationRequest(payload) : passedRequest(payload)
  return { method, url, headers: { accept: '*/*', ...headers, ...ofGateway(requestId, traceparent) }, body }
}

function operationRequest({ plan, arguments: args, rivals }: Extract<Payload, { kind: 'call' }>): HttpRequest {
  const request = buildRequest(plan, args)
  requireOwnPath(request.url, rivals)
  return { ...request, url: requireBelow(plan.serverUrl, request.url), headers: ofOperation(request.headers) }
}

/** A document is text, whatever it says it is: who reads it decides. */
async function fetchDocument({ sender }: SendGround, { url, maxAnswerBytes }: Fetch, limits: Limits): Promise<Timeless> {
  const headers = { accept: DOCUMENT, 'accept-encoding': 'gzip, br', 'user-agent': 'gatehouse' }
  const hop = { url: new URL(url), method: 'GET', headers, body: null, maxAnswerBytes }
  const answer = await sender.send(hop, limits)
  const mimeType = String(answer.headers['content-type'] ?? 'text/plain').slice(0, 200)
  return {
    kind: 'answered',
    status: answer.status,
    headers: answerHeaders(answer.headers, [], hiderOf([])),
    body: { kind: 'text', text: new TextDecoder().decode(answer.body), mimeType },
    isCut: answer.isCut,
    url: answer.url.href,
    requests: answer.requests,
  }
}
