import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'
import type { Caller } from '../../../src/contract/caller.ts'
import type { Log } from '../../../src/contract/house.ts'
import type { Ask, Client, RelayedResult } from '../../../src/contract/visit.ts'
import { type Gatehouse, openGatehouse } from '../../../src/core/gatehouse.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { requireDeclared } from '../../../src/mcp/server/require-declared.ts'
import { modules } from '../../../src/module/index.ts'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import type { UpstreamStore } from '../../../src/module/upstream/upstream.store.ts'
import { houseParts } from '../../house-parts.ts'
import { ODD_SERVER } from '../../mcp/client/open-odd.ts'
import { systemCaller } from '../../system-caller.ts'

interface CallOptions {
  readonly sessionKey?: string
  readonly caller?: Caller
  readonly signal?: AbortSignal
  readonly progress?: (progress: object) => void
  readonly notify?: (method: string, params: unknown) => void
  readonly extra?: Record<string, unknown>
  readonly client?: Client
  readonly ask?: Ask
}

/** A house with upstreams, without HTTP, and short ways to use them. */
export interface Upstreams {
  readonly gatehouse: Gatehouse
  readonly store: UpstreamStore
  /** What was logged so far. */
  readonly lines: readonly { readonly event: string; readonly fields: object }[]
  /** Call an operation as the system. */
  operate(name: string, input?: object): Promise<any>
  call(tool: string, args?: unknown, options?: CallOptions): Promise<RelayedResult>
  callText(tool: string, args?: unknown, options?: CallOptions): Promise<string>
  /** Wait until an upstream is in a state. */
  until(alias: string, state: string): Promise<any>
  /** Also called when the test ends; fails if a process is left. */
  close(): Promise<void>
}

/** A definition that starts the misbehaving server. */
export const odd = (flags: readonly string[] = [], more: object = {}): object => ({
  transport: 'stdio',
  command: 'node',
  args: [ODD_SERVER, ...flags],
  ...more,
})

/** A definition that starts the server which says what it is told to. */
export const told = (flags: readonly string[] = [], more: object = {}): object => ({
  transport: 'stdio',
  command: 'node',
  args: [TOLD_SERVER, ...flags],
  ...more,
})

const TOLD_SERVER = fileURLToPath(new URL('../../fixture/upstream/told-server.mjs', import.meta.url))

/** What a test's client was asked and told. */
export interface TestClient extends Client {
  readonly asked: { readonly method: string; readonly params: any }[]
  readonly told: { readonly method: string; readonly params: any }[]
  readonly ask: Ask
}

/** A client that declares something, and answers what it is asked with `answer`. */
export function testClient(
  capabilities: Record<string, unknown> = {},
  answer: (method: string, params: any, signal: AbortSignal) => unknown = () => ({}),
  more: Partial<Client> = {},
): TestClient {
  const asked: TestClient['asked'] = []
  const told: TestClient['told'] = []
  const ask: Ask = async (method, params, signal) => {
    requireDeclared(capabilities, method, params)
    asked.push({ method, params })
    return answer(method, params, signal)
  }
  const notify = (method: string, params: unknown): boolean => told.push({ method, params }) > 0
  return {
    capabilities,
    info: { name: 'tester', version: '1' },
    logLevel: undefined,
    takesInputRequired: false,
    standing: { ask, notify },
    asked,
    told,
    ask,
    ...more,
  }
}

/** Wait until something holds that other processes bring about, however busy the machine is. */
export const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 15_000, interval: 20 })

/** The program of an installed server. */
export function programOf(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> }
  return join(dirname(manifest), Object.values(bin)[0]!)
}

/** Open a house whose upstreams are `servers`. */
export async function openUpstreams(
  servers: Record<string, unknown>,
  settings: object = {},
  { dataDir = ':memory:', egress = {} }: { dataDir?: string; egress?: object } = {},
): Promise<Upstreams> {
  const lines: { event: string; fields: object }[] = []
  const log = logInto(lines)
  const gatehouse = await openGatehouse({
    modules,
    dataDir,
    // Quicker than the schema allows, so that no test has to wait for real.
    settings: { upstream: { ...upstreamSettings.parse({ servers, killAfterMs: 500 }), ...settings }, egress },
    keys: createKeys({ SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) }),
    nowMs: Date.now,
    log,
    version: '0.0.0',
    ...houseParts({ dataDir, nowMs: Date.now, log }),
  })
  const store = gatehouse.store<UpstreamStore>('upstream')
  await gatehouse.start()
  const close = async (): Promise<void> => {
    await gatehouse.stop()
    expect(store.children()).toBe(0)
  }
  onTestFinished(close)
  return { gatehouse, store, lines, close, ...usesOf(gatehouse) }
}

function usesOf({ door }: Gatehouse): Pick<Upstreams, 'operate' | 'call' | 'callText' | 'until'> {
  const enter = (name: string, args: unknown, { caller = systemCaller, sessionKey = 'test', ...entry }: CallOptions) =>
    door.enter(caller, name, args, {
      transport: 'system',
      requestId: 'test',
      sessionKey,
      signal: new AbortController().signal,
      ...entry,
    })
  const operate = async (name: string, input: object = {}): Promise<any> => {
    const answer = await enter(name, input, {})
    return answer.kind === 'data' ? answer.data : expect.fail('It is no operation.')
  }
  const call = async (name: string, args: unknown = {}, options: CallOptions = {}): Promise<RelayedResult> => {
    const answer = await enter(name, args, options)
    return answer.kind === 'relay' ? answer.result : expect.fail('It is no upstream tool.')
  }
  const look = async (alias: string, state: string): Promise<any> => {
    const upstream = await operate('upstream_get', { alias })
    if (upstream.state !== state) throw new Error(`${alias} is ${upstream.state}: ${upstream.lastError}`)
    return upstream
  }
  return {
    operate,
    call,
    callText: async (name, args, options) => String((await call(name, args, options)).content?.[0]?.['text']),
    until: (alias, state) => vi.waitFor(() => look(alias, state), { timeout: 15_000, interval: 20 }),
  }
}

function logInto(lines: { event: string; fields: object }[]): Log {
  const add = (fields: object, event: string): void => void lines.push({ event, fields })
  const log: Log = { debug: add, info: add, warn: add, error: add, child: () => log }
  return log
}
