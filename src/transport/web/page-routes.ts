import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../contract/fault.ts'
import type { Ask, Page } from '../../contract/page.ts'
import { newEntry } from '../authenticate.ts'
import { hangUp } from '../hang-up.ts'
import { type Attempt, type Console, mayCall, showPage, type Visitor } from './console.ts'
import { matchPath } from './match-path.ts'
import { visitorOf } from './visitor.ts'

type Query = Readonly<Record<string, string>>

/** The pages that modules declare, each at its own address. */
export function pageRoutes(console: Console): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    for (const { page } of console.front.gatehouse.pages) {
      app.get(page.path, async (request, reply) => {
        const visitor = await visitorOf(console.front, request)
        const query = { ...queryOf(request.query), ...(request.params as Query) }
        if (page.path === '/' && !visitor.caller.grants.allows(page.permit)) return goHome(console, request, reply, visitor)
        return loadPage(console, request, reply, visitor, { page, query })
      })
    }
  }
}

interface Loading {
  readonly page: Page
  readonly query: Query
  readonly attempt?: Attempt
  readonly status?: number
}

/** Load a page as the visitor and show it. @throws Fault `forbidden` without the page's right, or whatever its operations throw */
export async function loadPage(
  console: Console,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: Visitor,
  loading: Loading,
): Promise<FastifyReply> {
  const { page, query, attempt, status } = loading
  if (!visitor.caller.grants.allows(page.permit)) {
    throw new Fault('forbidden', `This page needs the right ${page.permit}. Ask an administrator to grant it.`)
  }
  const data = await page.load(askAs(console, request, reply, visitor, query))
  return showPage(console, request, reply, visitor, {
    view: page.view,
    title: typeof data['title'] === 'string' ? data['title'] : page.title,
    live: page.live ?? [],
    scripts: page.scripts ?? [],
    menuPath: page.menu === undefined ? (page.under ?? parentPath(page.path)) : page.path,
    attempt,
    ...(status !== undefined && { status }),
    data: { ...data, query },
  })
}

/** The page that a form stands on, to show it again there; nothing when the path is no page that the visitor may see. */
export function pageAt({ front }: Console, visitor: Visitor, path: unknown): Loading | undefined {
  if (typeof path !== 'string') return undefined
  const [pathname = '', search = ''] = path.split('?', 2)
  for (const { page } of front.gatehouse.pages) {
    const parameters = matchPath(page.path, pathname)
    if (parameters && visitor.caller.grants.allows(page.permit)) {
      return { page, query: { ...Object.fromEntries(new URLSearchParams(search)), ...parameters } }
    }
  }
  return undefined
}

function askAs(console: Console, request: FastifyRequest, reply: FastifyReply, { caller }: Visitor, query: Query): Ask {
  const { gatehouse } = console.front
  const signal = hangUp(reply)
  return {
    caller,
    query,
    nowMs: gatehouse.nowMs(),
    signal,
    may: (toolName) => mayCall(console.front, caller, toolName),
    async call(name, input) {
      const answer = await gatehouse.door.enter(caller, name, input, newEntry(request, 'web', caller, signal))
      if (answer.kind !== 'data') throw new TypeError(`A page asked for ${name}, which is not an operation.`)
      return answer.data
    },
  }
}

/** `/users/:id` stands under `/users`. */
const parentPath = (path: string) => path.slice(0, path.indexOf('/', 1) === -1 ? undefined : path.indexOf('/', 1))

function queryOf(query: unknown): Query {
  return Object.fromEntries(
    Object.entries(query as Record<string, unknown>).map(([name, value]) => [
      name,
      String(Array.isArray(value) ? value.at(-1) : value),
    ]),
  )
}

/** Whoever may not see the overview starts at the first page they may see. */
function goHome(console: Console, request: FastifyRequest, reply: FastifyReply, visitor: Visitor): FastifyReply {
  const first = console.front.gatehouse.pages.find(
    ({ page }) => page.menu !== undefined && page.path !== '/' && visitor.caller.grants.allows(page.permit),
  )
  if (first) return reply.redirect(first.page.path, 303)
  return showPage(console, request, reply, visitor, { view: 'no-rights', title: 'Nothing here yet', data: {} })
}
