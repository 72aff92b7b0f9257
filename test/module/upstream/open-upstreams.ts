import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Caller } from '../../../src/contract/caller.ts'
import type { RelayedResult } from '../../../src/contract/visit.ts'
import { systemCaller } from '../../../src/core/system-caller.ts'
import type { UpstreamStore } from '../../../src/module/upstream/upstream.store.ts'
import { ODD_SERVER } from '../../mcp/client/open-odd.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

export interface CallOptions {
  readonly sessionKey?: string
  readonly caller?: Caller
  readonly signal?: AbortSignal
  readonly progress?: (progress: object) => void
  readonly notify?: (method: string, params: unknown) => void
  readonly extra?: Record<string, unknown>
}

/** A house with upstreams, and short ways to use them. */
export interface Upstreams extends TestHouse {
  readonly store: UpstreamStore
  /** Call an operation as the system. */
  operate(name: string, input?: object): Promise<any>
  call(tool: string, args?: unknown, options?: CallOptions): Promise<RelayedResult>
  callText(tool: string, args?: unknown, options?: CallOptions): Promise<string>
  /** Wait until an upstream is in a state. */
  until(alias: string, state: string): Promise<any>
}

/** A definition that starts the misbehaving server. */
export const odd = (flags: readonly string[] = [], more: object = {}): object => ({
  transport: 'stdio',
  command: 'node',
  args: [ODD_SERVER, ...flags],
  ...more,
})

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
  house: object = {},
): Promise<Upstreams> {
  const opened = await openTestHouse({
    settings: {
      upstream: {
        servers,
        healthIntervalSeconds: 30,
        healthTimeoutMs: 10_000,
        sessionIdleMs: 300_000,
        killAfterMs: 500,
        ...settings,
      },
    },
    ...house,
  })
  const { door } = opened.gatehouse
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
  return {
    ...opened,
    store: opened.gatehouse.store<UpstreamStore>('upstream'),
    operate,
    call,
    callText: async (name, args, options) => String((await call(name, args, options)).content?.[0]?.['text']),
    until: (alias, state) =>
      vi.waitFor(
        async () => {
          const upstream = await operate('upstream_get', { alias })
          if (upstream.state !== state) throw new Error(`${alias} is ${upstream.state}: ${upstream.lastError}`)
          return upstream
        },
        { timeout: 15_000, interval: 20 },
      ),
  }
}
