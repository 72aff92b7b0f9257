import { z } from 'zod'
import type { Authenticator } from '../../../src/contract/authenticator.ts'
import type { Caller } from '../../../src/contract/caller.ts'
import { Fault } from '../../../src/contract/fault.ts'
import type { House } from '../../../src/contract/house.ts'
import { defineModule, type Module } from '../../../src/contract/module.ts'
import type { Callable, Instructions, JsonSchema, Kind, Listed, ListedKind, Source, Tool } from '../../../src/contract/tool.ts'
import type { Answer, Visit } from '../../../src/contract/visit.ts'

/** What a test may do to the demo module from outside. */
export interface DemoControls {
  /** Visits that the waiting tool holds, oldest first. */
  readonly waiting: { readonly visit: Visit; finish(answer: Answer): void }[]
  /** All visits that reached a dynamic tool. */
  readonly visits: Visit[]
  /** What is recorded: the name of each visit and how it ended. */
  readonly records: string[]
  /** Replace the rights of a caller; `undefined` revokes the token. */
  setRights(name: 'alice' | 'bob', allows: ((key: string) => boolean) | undefined): void
  /** Replace the dynamic tools. */
  setTools(names: readonly string[]): void
  /** Replace the dynamic tools by one with this schema of arguments. */
  setSchema(name: string, inputSchema: JsonSchema): void
  /** Replace what is listed besides, by local names. */
  setListed(listed: Readonly<Record<ListedKind, readonly string[]>>): void
  /** From now on the source is not known until `done`; `asked` resolves when somebody waits for it. */
  unsettle(): { readonly asked: Promise<void>; done(): void }
  /** What the source says of itself. */
  setInstructions(instructions: readonly Instructions[]): void
}

/** The tools of the source before any test changes them. */
const TOOLS = ['wait', 'chat', 'relay']

/** What is listed besides, before any test changes it. */
const LISTED = {
  prompt: ['greet'],
  resource: ['test://a', 'test://gone'],
  template: ['test://t/{id}'],
} as const satisfies Readonly<Record<ListedKind, readonly string[]>>

/** A real module with an authenticator of its own (`alice-token`, `bob-token`), operations that end in every way, and a source `demo`. */
export function createDemo(): { readonly module: Module; readonly controls: DemoControls } {
  const callers = new Map<string, Caller>([
    ['alice', callerOf('alice', () => true)],
    ['bob', callerOf('bob', (key) => key === 'thing.read')],
  ])
  const listeners = new Set<() => void>()
  const waiting: DemoControls['waiting'] = []
  const visits: Visit[] = []
  const records: string[] = []
  let house: House | undefined
  let tools: readonly Tool[] = []
  let listed = listedOf(LISTED, visits)
  let instructions: readonly Instructions[] = []
  const changed = (): void => {
    for (const listener of listeners) listener()
  }

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

  let settled = async (): Promise<void> => {}
  const source: Source = {
    list: () => tools,
    listed: (kind) => listed[kind],
    find: (name) => findUnlisted(name, visits),
    resourceNames: (uri, from) => {
      if (from !== undefined && from !== 'demo') return []
      const known = listed.resource.filter(({ localName }) => localName === uri).map(({ name }) => name)
      return uri.startsWith('test://t/') ? [...known, 'resource:demo__test://t/{id}'] : known
    },
    instructions: () => instructions,
    settled: () => settled(),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const controls: DemoControls = {
    waiting,
    visits,
    records,
    setRights(name, allows) {
      if (allows) callers.set(name, callerOf(name, allows))
      else callers.delete(name)
      house?.events.publish('access', { userId: undefined })
    },
    setTools(names) {
      tools = names.map((name) => makeTool(name))
      changed()
    },
    setSchema(name, inputSchema) {
      tools = [makeTool(name, inputSchema)]
      changed()
    },
    setListed(names) {
      listed = listedOf(names, visits)
      changed()
    },
    unsettle() {
      const [asked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      settled = () => {
        asked.resolve()
        return done.promise
      }
      return { asked: asked.promise, done: done.resolve }
    },
    setInstructions(given) {
      instructions = given
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
    guards: () => ({ finish: ({ tool }, { outcome }) => void records.push(`${tool.name} ${outcome}`) }),
    authenticator: () => authenticatorOver(callers),
  })
  return { module, controls }
}

type Offered = Readonly<Record<ListedKind, readonly Listed[]>>

const listedOf = (names: Readonly<Record<ListedKind, readonly string[]>>, visits: Visit[]): Offered => ({
  prompt: names.prompt.map((name) => listedItem('prompt', name, visits)),
  resource: names.resource.map((name) => listedItem('resource', name, visits)),
  template: names.template.map((name) => listedItem('template', name, visits)),
})

/** Tells apart where each is shown: prompts with their source, URIs as they are. */
function listedItem(kind: ListedKind, localName: string, visits: Visit[]): Listed {
  const name = `${kind === 'prompt' ? 'prompt' : 'resource'}:demo__${localName}`
  return {
    ...callable(name, kind, name, visits),
    kind,
    permit: name,
    localName,
    shownName: kind === 'prompt' ? `demo__${localName}` : localName,
    definition: { title: `Title of ${localName}`, 'x-kept': 1 },
  }
}

/** What is asked about what is listed: any completion, subscription or task of the source. */
function findUnlisted(name: string, visits: Visit[]): Callable | undefined {
  const kind = /^(completion|subscription|task):/.exec(name)?.[1]
  if (name === 'task:t-2') return callable(name, 'task', 'tool:demo__wait', visits)
  if (kind === 'task') return /^task:(list|t-1)$/.test(name) ? callable(name, 'task', undefined, visits) : undefined
  const about = name.slice(name.indexOf(':') + 1)
  return kind && /^(prompt|resource):demo__/.test(about) ? callable(name, kind as Kind, about, visits) : undefined
}

const callable = (name: string, kind: Kind, permit: string | undefined, visits: Visit[]): Callable => ({
  name,
  source: 'demo',
  localName: name,
  kind,
  permit,
  effect: 'read',
  idempotent: true,
  parse: (raw) => raw,
  run: async (visit) => {
    visits.push(visit)
    if (name.endsWith('gone')) throw new Fault('not_found', 'The server has no such resource.')
    return { kind: 'relay', result: ANSWERS[kind as keyof typeof ANSWERS] }
  },
})

/** As a server of the stateless era sends them, with what a session does not have. */
const ANSWERS = {
  prompt: { resultType: 'complete', messages: [{ role: 'user', content: { type: 'x-new' } }], 'x-field': 1 },
  resource: {
    resultType: 'complete',
    ttlMs: 5,
    cacheScope: 'public',
    contents: [{ uri: 'test://a', text: 'A', 'x-field': 1 }],
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'demo' }, 'x-meta': 1 },
  },
  template: { contents: [{ uri: 'test://t/1', text: 'T' }], _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'demo' } } },
  completion: { completion: { values: ['hello'] } },
  subscription: {},
  task: { taskId: 't-1', status: 'working' },
} as const

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
  ask: async (visit) => {
    const question = visit.arguments as { readonly method: string; readonly params: unknown }
    try {
      return text(JSON.stringify(await visit.ask!(question.method, question.params, visit.signal)))
    } catch (thrown) {
      const { code, message } = thrown as Fault
      return text(`${code}: ${message}`)
    }
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
