import { z } from 'zod'
import type { Authenticator } from '../../../src/contract/authenticator.ts'
import type { Caller } from '../../../src/contract/caller.ts'
import { Fault } from '../../../src/contract/fault.ts'
import type { House } from '../../../src/contract/house.ts'
import { defineModule, type Module } from '../../../src/contract/module.ts'
import type { JsonSchema, Source, Tool } from '../../../src/contract/tool.ts'
import type { Answer, Visit } from '../../../src/contract/visit.ts'

/** What a test may do to the demo module from outside. */
export interface DemoControls {
  /** Visits that the waiting tool holds, oldest first. */
  readonly waiting: { readonly visit: Visit; finish(answer: Answer): void }[]
  /** All visits that reached a dynamic tool. */
  readonly visits: Visit[]
  /** Replace the rights of a caller; `undefined` revokes the token. */
  setRights(name: 'alice' | 'bob', allows: ((key: string) => boolean) | undefined): void
  /** Replace the dynamic tools. */
  setTools(names: readonly string[]): void
  /** Replace the dynamic tools by one with this schema of arguments. */
  setSchema(name: string, inputSchema: JsonSchema): void
}

/** The tools of the source before any test changes them. */
const TOOLS = ['wait', 'chat', 'relay']

/** A real module with an authenticator of its own (`alice-token`, `bob-token`), operations that end in every way, and a source `demo`. */
export function createDemo(): { readonly module: Module; readonly controls: DemoControls } {
  const callers = new Map<string, Caller>([
    ['alice', callerOf('alice', () => true)],
    ['bob', callerOf('bob', (key) => key === 'thing.read')],
  ])
  const listeners = new Set<() => void>()
  const waiting: DemoControls['waiting'] = []
  const visits: Visit[] = []
  let house: House | undefined
  let tools: readonly Tool[] = []

  const makeTool = (localName: string, inputSchema: JsonSchema = { type: 'object' }): Tool => ({
    name: `demo__${localName}`,
    source: 'demo',
    localName,
    kind: 'dynamic',
    permit: `tool:demo__${localName}`,
    effect: 'read',
    idempotent: true,
    definition: { name: `demo__${localName}`, description: `Tool ${localName}.`, inputSchema, 'x-kept': 1 },
    parse: (raw) => raw,
    run: (visit) => {
      visits.push(visit)
      return RUNS[localName]?.(visit, waiting) ?? Promise.resolve(text(localName))
    },
  })
  tools = TOOLS.map((name) => makeTool(name))

  const source: Source = {
    list: () => tools,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const controls: DemoControls = {
    waiting,
    visits,
    setRights(name, allows) {
      if (allows) callers.set(name, callerOf(name, allows))
      else callers.delete(name)
      house?.events.publish('access', { userId: undefined })
    },
    setTools(names) {
      tools = names.map((name) => makeTool(name))
      for (const listener of listeners) listener()
    },
    setSchema(name, inputSchema) {
      tools = [makeTool(name, inputSchema)]
      for (const listener of listeners) listener()
    },
  }
  const module = defineModule({
    name: 'thing',
    open: async (given) => {
      house = given
      return { close: async () => {} }
    },
    operations: (op) => ({
      echo: op({
        summary: 'Say it again.',
        route: 'POST /things/echo',
        permit: 'thing.read',
        effect: 'read',
        input: z.strictObject({ text: z.string() }),
        output: z.object({ text: z.string() }),
        example: { input: { text: 'hi' }, outcome: 'ok' },
        run: ({ text: said }) => ({ text: said }),
      }),
      break: op({
        summary: 'Break.',
        route: 'POST /things/break',
        permit: 'thing.write',
        effect: 'write',
        input: z.strictObject({}),
        output: z.object({}),
        example: { input: {}, outcome: 'internal' },
        run: () => {
          throw new Error('the password is hunter2')
        },
      }),
      find: op({
        summary: 'Find nothing.',
        route: 'GET /things/nothing',
        permit: 'thing.read',
        effect: 'read',
        input: z.strictObject({}),
        output: z.object({}),
        example: { input: {}, outcome: 'not_found' },
        run: () => {
          throw new Fault('not_found', 'There is no such thing.', { retryAfterMs: 1_500, data: { thing: 7 } })
        },
      }),
    }),
    source: () => source,
    authenticator: () => authenticatorOver(callers),
  })
  return { module, controls }
}

type Run = (visit: Visit, waiting: DemoControls['waiting']) => Promise<Answer>

const RUNS: Readonly<Record<string, Run>> = {
  wait: (visit, waiting) =>
    new Promise((resolve, reject) => {
      visit.signal.addEventListener('abort', () => reject(visit.signal.reason))
      waiting.push({ visit, finish: resolve })
    }),
  deaf: (visit, waiting) => new Promise((resolve) => waiting.push({ visit, finish: resolve })),
  chat: async (visit) => {
    visit.progress?.({ progress: 1, total: 2, message: 'half', 'x-kept': true })
    visit.notify?.('notifications/message', { level: 'info', data: 'quiet' })
    visit.notify?.('notifications/message', { level: 'error', data: 'loud' })
    visit.notify?.('notifications/x-unknown', { any: ['thing'] })
    return text('said it all')
  },
  relay: async () => ({
    kind: 'relay',
    result: { content: [{ type: 'x-hologram', cubes: 3 }], structuredContent: [1], 'x-field': { deep: null } },
  }),
}

/** A tool result as an upstream would send it. */
export const text = (content: string): Answer => ({ kind: 'relay', result: { content: [{ type: 'text', text: content }] } })

function callerOf(name: string, allows: (key: string) => boolean): Caller {
  return {
    id: `user:${name}`,
    name,
    authPath: 'token',
    userId: 1,
    tokenId: 1,
    grants: { allows, expiresAt: Number.POSITIVE_INFINITY },
  }
}

function authenticatorOver(callers: ReadonlyMap<string, Caller>): Authenticator {
  const none = async (): Promise<never> => {
    throw new Fault('unauthorized', 'There are no passwords here.')
  }
  return {
    bearer(token) {
      const caller = callers.get(token.replace(/-token$/, ''))
      if (!caller) throw new Fault('unauthorized', 'The token is not known.')
      return caller
    },
    find: async ({ userId }) => [...callers.values()].find((caller) => caller.userId === userId),
    session: () => undefined,
    signIn: none,
    join: none,
    signOut: none,
  }
}
