import '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../../contract/caller.ts'
import type { Fault } from '../../contract/fault.ts'
import type { Page } from '../../contract/page.ts'
import type { JsonSchema } from '../../contract/tool.ts'
import { may } from '../../core/door/permit.ts'
import type { Front } from '../front.ts'
import { formSchema } from './form-schema.ts'
import { menuFor } from './menu.ts'
import type { Notes } from './notes.ts'
import { type Form, formOf } from './schema-form/form-of.ts'
import { isObject } from './schema-form/shape.ts'
import type { ShownAnswer } from './shown-answer.ts'
import type { Streams } from './streams.ts'
import type { Submissions } from './submissions.ts'
import type { Render } from './views.ts'

/** What the routes of the console share. */
export interface Console {
  readonly front: Front
  readonly render: Render
  readonly notes: Notes
  readonly submissions: Submissions
  readonly streams: Streams
}

/** The signed-in person behind a request. */
export interface Visitor {
  readonly caller: Caller
  /** Goes into every form; empty for a bearer token, which needs none. */
  readonly csrf: string
  /** The session's cookie; `undefined` for a bearer token. */
  readonly cookie: string | undefined
}

/** A form that was sent and is shown again: because it was refused, because a row was added, or with what it answered. */
export interface Attempt {
  readonly operation: string
  readonly value: unknown
  readonly fault?: Fault
  readonly answer?: ShownAnswer
  /** An operation's output, for the page's own template. */
  readonly output?: Readonly<Record<string, unknown>>
  readonly durationMs?: number
}

/** A form that a template asks for. */
export interface FormRequest {
  readonly operation: string
  /** What it shows, unless it was sent just now. */
  readonly value: unknown
  /** Fields that the page draws in a way of its own: a list of thousands would leave no room for the others. */
  readonly without: readonly string[]
  /** Schemas of properties of which the page knows more than the operation does. */
  readonly shapes: Readonly<Record<string, JsonSchema>>
}

/** What a page shows besides its data. */
export interface Showing {
  readonly view: string
  readonly title: string
  readonly live?: readonly string[]
  readonly scripts?: readonly string[]
  readonly status?: number
  /** Where the page stands in the menu, when that is not its own address. */
  readonly menuPath?: string
  readonly attempt?: Attempt | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** The colour schemes that a person may choose. */
export const THEMES = ['auto', 'light', 'dark'] as const

/** Remembers the chosen colour scheme; holds nothing else. */
export const THEME_COOKIE = 'gatehouse_theme'

/** The colour scheme that a request's cookie asks for. */
export const themeOf = (request: FastifyRequest): (typeof THEMES)[number] =>
  THEMES.find((theme) => theme === request.cookies[THEME_COOKIE]) ?? 'auto'

/** Whether the visitor's rights cover a tool. Unknown tools may not be called. */
export function mayCall({ gatehouse }: Front, caller: Caller, toolName: string): boolean {
  const tool = gatehouse.catalog.findTool(toolName)
  return tool !== undefined && may(caller, tool)
}

function operationForm(
  { gatehouse }: Front,
  attempt: Attempt | undefined,
  { operation, value, without, shapes }: FormRequest,
): Form | undefined {
  const tool = gatehouse.catalog.findTool(operation)
  if (!tool) return undefined
  const { properties, ...schema } = formSchema(gatehouse, tool)
  const own = attempt?.operation === operation
  const shown = own ? attempt.value : value
  return formOf(
    { ...schema, properties: isObject(properties) ? leaveOut({ ...properties, ...shapes }, without) : {} },
    isObject(shown) ? leaveOut(shown, without) : shown,
    { details: own ? attempt.fault?.details : [], labels: 'words' },
  )
}

const leaveOut = (object: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

/** Answer with a page inside the console's frame. */
export function showPage(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: Visitor,
  showing: Showing,
): FastifyReply {
  const { gatehouse } = console.front
  const path = request.url.split('?', 1)[0]!
  const pages: readonly Page[] = gatehouse.pages.map(({ page }) => page)
  const isLiveUpdate = request.headers['x-gatehouse-live'] !== undefined
  const shell = {
    title: showing.title,
    user: visitor.caller.name,
    csrf: visitor.csrf,
    menu: menuFor(pages, visitor.caller, showing.menuPath ?? path),
    theme: themeOf(request),
    themes: THEMES,
    note: isLiveUpdate ? undefined : console.notes.take(visitor.cookie),
    path: request.method === 'GET' ? request.url : path,
    live: showing.live?.join(' '),
    scripts: showing.scripts ?? [],
    version: gatehouse.version,
    nowMs: gatehouse.nowMs(),
    url: console.front.url(),
    requestId: request.id,
    may: (toolName: string) => mayCall(console.front, visitor.caller, toolName),
    form: (asked: FormRequest) => operationForm(console.front, showing.attempt, asked),
  }
  const html = console.render(showing.view, { ...showing.data, attempt: showing.attempt, shell })
  return reply
    .code(showing.status ?? 200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(html)
}
