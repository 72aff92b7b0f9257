import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FAULTS, Fault } from '../../contract/fault.ts'
import type { Tool } from '../../contract/tool.ts'
import type { Answer } from '../../contract/visit.ts'
import { permit } from '../../core/door/permit.ts'
import { newEntry } from '../authenticate.ts'
import { hangUp } from '../hang-up.ts'
import { callPage, titleOf } from './call-page.ts'
import { type Attempt, type Console, showPage, type Visitor } from './console.ts'
import { formSchema } from './form-schema.ts'
import { loadPage, pageAt } from './page-routes.ts'
import { fillPath, safePath } from './safe-path.ts'
import { argumentsOf, type FormArguments, type FormBody } from './schema-form/arguments-of.ts'
import { editRows } from './schema-form/edit-rows.ts'
import { shownAnswer } from './shown-answer.ts'
import { visitorOf } from './visitor.ts'

/** One call on its way from a form through the door to a page. */
interface Calling {
  readonly console: Console
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly visitor: Visitor
  readonly tool: Tool
  readonly body: FormBody
  readonly given: FormArguments
}

/**
 * The page of every tool: `/op/<name>` for operations, `/tools/<name>` for all others; either address takes both.
 *
 * GET shows its form, POST calls it. Fields of the console's own in a form: `_csrf`; `_form` (makes sending it twice harmless); `_next` (where to go
 * when it went well, `:name` taken from the output); `_back` (the page to show again when it did not); `_done` (what to say then);
 * `_edit` (add or remove a row instead of calling); `_mode` and `_json` (all arguments as one text).
 */
export function callRoutes(console: Console): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    for (const path of ['/op/:name', '/tools/:name']) {
      app.get<{ Params: { name: string } }>(path, async (request, reply) => {
        const visitor = await visitorOf(console.front, request)
        const tool = toolFor(console, visitor, request.params.name)
        const given = argumentsOf(tool.definition.inputSchema, request.query as FormBody)
        return showCall({ console, request, reply, visitor, tool, body: {}, given }, undefined)
      })
      app.post<{ Params: { name: string } }>(path, async (request, reply) => {
        const visitor = await visitorOf(console.front, request)
        return receive(console, request, reply, visitor, request.params.name)
      })
    }
  }
}

/** @throws Fault `not_found`, or `forbidden` before anything of the tool was told */
function toolFor({ front }: Console, { caller }: Visitor, name: string): Tool {
  const tool = front.gatehouse.catalog.findTool(name)
  if (!tool)
    throw new Fault('not_found', `There is no tool named ${name.slice(0, 80)}. The list of tools shows those that you may call.`)
  permit(caller, tool)
  return tool
}

async function receive(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: Visitor,
  name: string,
): Promise<FastifyReply> {
  const body = (request.body ?? {}) as FormBody
  const tool = console.front.gatehouse.catalog.findTool(name)
  const edit = body['_edit']
  const keepBlankRows = typeof edit === 'string'
  const given = tool ? argumentsOf(tool.definition.inputSchema, body, { keepBlankRows }) : { value: {}, details: [] }
  if (keepBlankRows) {
    const calling = { console, request, reply, visitor, tool: toolFor(console, visitor, name), body, given }
    const value = editRows(given.value, edit)
    return showAgain({ ...calling, given: { value, details: given.details } }, { operation: name, value }, 200)
  }
  // A refused or unknown call goes through the door too: its record is the door's to write.
  const calling = { console, request, reply, visitor, tool: tool as Tool, body, given }
  const startedAt = console.front.gatehouse.nowMs()
  const took = () => console.front.gatehouse.nowMs() - startedAt
  try {
    // What is no tool but known to the door, such as a prompt, gets a name that nothing can have.
    const entered = tool || !console.front.gatehouse.catalog.find(name) ? name : `tool/${name}`
    return await succeed(calling, await call(calling, entered), took())
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !tool || thrown.code === 'forbidden') throw thrown
    const fault = explained(thrown, given)
    return showAgain(calling, { operation: name, value: given.value, fault, durationMs: took() }, FAULTS[fault.code].http)
  }
}

function call({ console, request, reply, visitor, body, given }: Calling, name: string): Promise<Answer> {
  const { caller } = visitor
  const key =
    typeof body['_form'] === 'string' ? `${caller.id} ${name} ${body['_form']} ${JSON.stringify(given.value)}` : undefined
  return console.submissions.once(key, () =>
    console.front.gatehouse.door.enter(caller, name, given.value, newEntry(request, 'web', caller, hangUp(reply))),
  )
}

/** Broken JSON in a field says more than the type error that follows from it. */
function explained(fault: Fault, { details }: FormArguments): Fault {
  if (fault.code !== 'invalid' || details.length === 0) return fault
  const said = new Set(details.map(({ path }) => path))
  return new Fault('invalid', 'Some of what was typed could not be read.', {
    cause: fault,
    details: [...details, ...fault.details.filter(({ path }) => !said.has(path))],
  })
}

async function succeed(calling: Calling, answer: Answer, durationMs: number): Promise<FastifyReply> {
  const { console, reply, visitor, body, tool } = calling
  const shown = shownAnswer(answer)
  const output = answer.kind === 'data' ? answer.data : {}
  if (typeof body['_next'] === 'string' && shown.outcome === 'ok') {
    const text = typeof body['_done'] === 'string' ? body['_done'].slice(0, 200) : 'Done.'
    console.notes.put(visitor.cookie, { tone: 'good', text })
    return reply.redirect(safePath(fillPath(body['_next'], output)), 303)
  }
  return showAgain(calling, { operation: tool.name, value: calling.given.value, answer: shown, output, durationMs }, 200)
}

function showAgain(calling: Calling, attempt: Attempt, status: number): Promise<FastifyReply> | FastifyReply {
  const { console, request, reply, visitor, body } = calling
  const back = pageAt(console, visitor, body['_back'])
  return back ? loadPage(console, request, reply, visitor, { ...back, attempt, status }) : showCall(calling, attempt, status)
}

function showCall(
  { console, request, reply, visitor, tool, given }: Calling,
  attempt: Attempt | undefined,
  status = 200,
): FastifyReply {
  const { gatehouse, url } = console.front
  const operation = gatehouse.operations.find(({ name }) => name === tool.name)?.operation
  const route = operation?.route ?? `POST /tools/${step(tool.source)}/${step(tool.localName)}`
  const page = callPage({ tool, schema: formSchema(gatehouse, tool), address: url(), route, given, attempt })
  return showPage(console, request, reply, visitor, {
    view: 'call',
    title: titleOf(tool),
    menuPath: '/tools',
    attempt,
    status,
    data: page,
  })
}

const step = encodeURIComponent
