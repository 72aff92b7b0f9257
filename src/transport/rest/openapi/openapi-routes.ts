import type { FastifyInstance } from 'fastify'
import type { Tool } from '../../../contract/tool.ts'
import type { Front } from '../../front.ts'
import { addressFragment } from './address-fragment.ts'
import { createDocument, type Fragment } from './document.ts'
import { operationFragment } from './operation-fragment.ts'
import { toolFragments } from './tool-fragment.ts'

const ABOUT_OPERATIONS =
  'What the gateway itself can do, as far as you may. Every refusal is a problem document (RFC 9457) whose `code` is listed at /api/docs/faults. The tools behind the gateway are described at /api/tools/openapi.json.'
const ABOUT_TOOLS = 'The tools behind the gateway that you may call, one address each.'

/** `/api/openapi.json` and `/api/tools/openapi.json`, both showing only what the caller may call. */
export function openapiRoutes(front: Front, api: FastifyInstance): void {
  const { gatehouse } = front
  let fragments: ReadonlyMap<Tool, Fragment> | undefined
  const operations = perList((visible) => {
    fragments ??= new Map(gatehouse.operations.map((installed) => [installed.tool, operationFragment(installed)]))
    const seen = visible.flatMap((tool) => fragments!.get(tool) ?? [])
    return write(front, 'Gatehouse', ABOUT_OPERATIONS, [addressFragment(), ...seen])
  })
  const tools = perList((visible) =>
    write(front, 'Gatehouse tools', ABOUT_TOOLS, toolFragments(visible.filter(({ kind }) => kind === 'dynamic'))),
  )
  for (const [path, document] of [
    ['/openapi.json', operations],
    ['/tools/openapi.json', tools],
  ] as const) {
    api.get(path, async (request, reply) =>
      reply.type('application/json; charset=utf-8').send(document(gatehouse.door.visible(request.caller!))),
    )
  }
}

const write = (front: Front, title: string, description: string, fragments: readonly Fragment[]): string =>
  JSON.stringify(createDocument({ title, description, version: front.gatehouse.version, url: front.url() }, fragments))

/** Write a document once per list of tools: the door hands out the same array until rights or catalog change. */
function perList(build: (visible: readonly Tool[]) => string): (visible: readonly Tool[]) => string {
  const written = new WeakMap<readonly Tool[], string>()
  return (visible) => {
    const known = written.get(visible) ?? build(visible)
    written.set(visible, known)
    return known
  }
}
