import { PassThrough } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Progress } from '../../contract/visit.ts'
import type { Front } from '../front.ts'
import { faultOf, problemOf } from '../problem.ts'
import type { ToolAnswer } from './tool-answer.ts'

/** How often a silent stream gets a comment, so that proxies do not take it for dead. */
const KEEP_ALIVE_MS = 15_000

/** Whether the client asked for server-sent events. */
export const wantsEvents = (request: FastifyRequest): boolean => /\btext\/event-stream\b/i.test(request.headers.accept ?? '')

/**
 * Answer a call as server-sent events: `progress` for each report, then one `result` or `error`.
 *
 * A call that is refused before anything was sent is answered with its HTTP status and a problem document, as without a stream.
 */
export async function streamCall(
  front: Front,
  request: FastifyRequest,
  reply: FastifyReply,
  call: (progress: (progress: Progress) => void) => Promise<ToolAnswer>,
): Promise<FastifyReply> {
  const stream = new PassThrough()
  const begun = Promise.withResolvers<true>()
  let sent = false
  const write = (text: string): void => {
    sent = true
    if (!stream.destroyed) stream.write(text)
    begun.resolve(true)
  }
  const event = (name: string, data: object): void => write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  const progress = (report: Progress): void => {
    // A slow reader misses reports rather than making the gateway hold them all.
    if (!stream.writableNeedDrain) event('progress', report)
  }
  const keepAlive = setInterval(() => write(': still running\n\n'), KEEP_ALIVE_MS)
  const finished = call(progress)
    .then(
      (answer) => event('result', answer),
      (thrown: unknown) => {
        if (!sent) throw thrown
        event('error', problemOf(faultOf(front, thrown, request), request.id))
      },
    )
    .finally(() => {
      clearInterval(keepAlive)
      stream.end()
    })
  await Promise.race([begun.promise, finished])
  // Some proxies hold a stream back unless they are told not to.
  return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream)
}
