import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../contract/fault.ts'
import type { Progress } from '../../contract/visit.ts'
import { may } from '../../core/door/permit.ts'
import { parseInput } from '../../core/parse-input.ts'
import { newEntry } from '../authenticate.ts'
import type { Front } from '../front.ts'
import { hangUp } from '../hang-up.ts'
import { streamCall, wantsEvents } from './call-stream.ts'
import { argumentsOf, type ToolAnswer, toolAnswer } from './tool-answer.ts'
import { listTools, toolListQuery } from './tool-list.ts'
import { typedQuery } from './typed-query.ts'

interface ToolAddress {
  readonly source: string
  readonly tool: string
}

/** Every tool of every source, by source and local name: list, definition, call. */
export function toolRoutes(front: Front, api: FastifyInstance): void {
  const { catalog, door } = front.gatehouse

  api.get('/tools', async (request) => {
    const texts = typedQuery({ properties: { limit: { type: 'integer' } } }, request.query as Record<string, unknown>)
    return listTools(door.visible(request.caller!), parseInput(toolListQuery, texts))
  })

  api.get<{ Params: ToolAddress }>('/tools/:source/:tool', async (request) => {
    const tool = catalog.findLocal(request.params.source, request.params.tool)
    if (!tool || !may(request.caller!, tool)) throw notFound(request.params)
    const { source, localName, kind, effect, idempotent, permit } = tool
    return { ...tool.definition, source, tool: localName, kind, effect, idempotent, permit }
  })

  api.post<{ Params: ToolAddress }>('/tools/:source/:tool', async (request, reply) => {
    const call = (progress?: (progress: Progress) => void) => callTool(front, request, reply, progress)
    return wantsEvents(request) ? streamCall(front, request, reply, call) : call()
  })
}

async function callTool(
  { gatehouse }: Front,
  request: FastifyRequest,
  reply: FastifyReply,
  progress: ((progress: Progress) => void) | undefined,
): Promise<ToolAnswer> {
  const { source, tool } = request.params as ToolAddress
  const caller = request.caller!
  const entry = newEntry(request, 'rest', caller, hangUp(reply))
  // A name with a slash is in no catalog, so an unknown address is refused, and recorded, by the door itself.
  const name = gatehouse.catalog.findLocal(source, tool)?.name ?? `${source}/${tool}`
  const startedMs = performance.now()
  const answer = await gatehouse.door.enter(caller, name, argumentsOf(request.body), progress ? { ...entry, progress } : entry)
  return toolAnswer(answer, request.id, performance.now() - startedMs)
}

const notFound = ({ source, tool }: ToolAddress): Fault =>
  new Fault(
    'not_found',
    `There is no tool ${tool.slice(0, 128)} of ${source.slice(0, 128)}. GET /api/tools lists what you can call.`,
  )
