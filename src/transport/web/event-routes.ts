import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { Topic } from '../../contract/house.ts'
import type { Front } from '../front.ts'
import type { Console } from './console.ts'
import { visitorOf } from './visitor.ts'

/** How often a quiet stream says that it is still there, in ms. */
const KEEP_ALIVE_MS = 15_000

/** The least time between two announcements of one topic, in ms; what happens meanwhile is announced together. */
const QUIET_MS = 250

const TOPICS = [
  'catalog',
  'access',
  'upstream',
  'call',
  'log',
  'queue',
  'function',
  'monitor',
  'secret',
] as const satisfies readonly Topic[]

/** `/events`: tells open pages which topics changed, never what; pages fetch that anew as their own visitor. */
export function eventRoutes(console: Console): (app: FastifyInstance) => Promise<void> {
  const { front, streams } = console
  return async (app) => {
    const stop = announceAll(console)
    const beat = setInterval(
      () => void streams.keepAlive(({ session }) => isLive(front, session)).catch(() => streams.close()),
      KEEP_ALIVE_MS,
    )
    beat.unref()
    app.addHook('preClose', async () => {
      clearInterval(beat)
      stop()
      streams.close()
    })
    app.get('/events', async (request, reply) => open(console, request, reply))
  }
}

async function open({ front, streams }: Console, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { caller, cookie } = await visitorOf(front, request)
  const stream = {
    caller,
    session: cookie,
    response: reply.raw,
    hears: (topic: Topic) => mayHear(front, caller, topic),
  }
  if (!streams.add(stream))
    throw new Fault('busy', 'Too many live pages are open. Close some; this page works without.', { retryAfterMs: 30_000 })
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
  })
  reply.raw.write('retry: 1000\n\n')
  return reply
}

/** A topic may be heard by whoever may see a page that lives by it. */
const mayHear = ({ gatehouse }: Front, caller: Caller, topic: Topic) =>
  gatehouse.pages.some(({ page }) => page.live?.includes(topic) && caller.grants.allows(page.permit))

const isLive = async ({ gatehouse }: Front, session: string | undefined) =>
  session === undefined || (await gatehouse.authenticator.session(session)) !== undefined

function announceAll({ front: { gatehouse }, streams }: Console): () => void {
  const waiting = new Map<Topic, NodeJS.Timeout>()
  const gather = (topic: Topic) => {
    if (waiting.has(topic)) return
    const timer = setTimeout(() => {
      waiting.delete(topic)
      streams.announce(topic)
    }, QUIET_MS)
    waiting.set(topic, timer.unref())
  }
  const ends = TOPICS.map((topic) =>
    gatehouse.events.subscribe(topic, (body) => {
      // Pages themselves read through the door: announcing those calls would make every live page fetch itself for ever.
      if (topic === 'call' && isOwnRead(gatehouse, (body as { tool: string }).tool)) return
      gather(topic)
    }),
  )
  ends.push(gatehouse.events.subscribe('access', ({ userId }) => streams.renew(userId)))
  return () => {
    for (const end of ends) end()
    for (const timer of waiting.values()) clearTimeout(timer)
  }
}

function isOwnRead({ catalog }: Front['gatehouse'], name: string): boolean {
  const tool = catalog.findTool(name)
  return tool?.kind === 'operation' && tool.effect === 'read'
}
