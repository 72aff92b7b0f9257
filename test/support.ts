import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, vi } from 'vitest'
import type { Log } from '../src/contract/house.ts'
import type { Module } from '../src/contract/module.ts'
import { type Gatehouse, openGatehouse } from '../src/core/gatehouse.ts'
import { createKeys } from '../src/core/keys.ts'
import type { AccessStore } from '../src/module/access/access.store.ts'
import { createFirstAdmin } from '../src/module/access/create-first-admin.ts'
import { createToken } from '../src/module/access/create-token.ts'
import { modules as allModules } from '../src/module/index.ts'
import { createHttp } from '../src/transport/http.ts'
import { type HttpSettings, httpSettings } from '../src/transport/http-settings.ts'
import { houseParts } from './house-parts.ts'

/** The administrator of every test house. */
export const ADMIN = { name: 'root', password: 'correct horse battery staple' } as const

/** One line of the server log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A web session as a browser holds it. */
interface TestSession {
  /** For the `Cookie` header. */
  readonly cookie: string
  readonly csrf: string
}

/** A whole gateway on throw-away stores, listening on a free port of loopback. */
export interface TestHouse {
  readonly gatehouse: Gatehouse
  /** Without a trailing slash. */
  readonly url: string
  /** What was logged so far; secrets and bugs show here or nowhere. */
  readonly lines: readonly LogLine[]
  /** A full token of the administrator. */
  readonly adminToken: string
  /** A token that opens exactly these keys (globs too); without any, one that opens nothing. */
  token(...keys: string[]): Promise<string>
  /** Sign the administrator in. */
  session(): Promise<TestSession>
  /** `fetch` on a path of this house, with a token. */
  fetch(path: string, token: string | undefined, init?: RequestInit): Promise<Response>
  /** Close everything, and fail if anything is left. Called by itself when the test or suite ends. */
  close(): Promise<void>
}

interface TestHouseOptions {
  /** Modules besides all real ones. */
  readonly extra?: readonly Module[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly http?: Partial<HttpSettings>
  readonly nowMs?: () => number
  /** Where the house logs to instead of `lines`. */
  readonly log?: Log
  /** Stores as files in a temporary folder instead of in memory. */
  readonly onDisk?: boolean
  /** `suite`: close after the file's last test; call it while the suite is set up. Default `test`. */
  readonly until?: 'test' | 'suite'
}

/** Open a house. The real modules, the real door, real HTTP. */
export async function openTestHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  const { extra = [], settings = {}, http = {}, nowMs = Date.now, onDisk = false, until = 'test' } = options
  const before = resources()
  const dataDir = onDisk ? await mkdtemp(join(tmpdir(), 'gatehouse-')) : ':memory:'
  const lines: LogLine[] = []
  const keys = createKeys({ SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) })
  const modules = [...allModules, ...extra]
  const log = options.log ?? createTestLog(lines)
  const gatehouse = await openGatehouse({
    modules,
    dataDir,
    settings,
    keys,
    nowMs,
    log,
    version: '0.0.0',
    ...houseParts({ dataDir, nowMs, log, queue: settings['queue'] }),
  })
  let url = ''
  const { app } = createHttp({ gatehouse, http: { ...httpSettings.parse({ port: 0 }), ...http }, url: () => url })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  await gatehouse.start()

  const store = gatehouse.store<AccessStore>('access')
  await createFirstAdmin(store, ADMIN)
  const makeToken = async (scope: 'full' | 'partial', scopeKeys: string[]): Promise<string> => {
    const label = `token ${scopeKeys.join(' ')}`.slice(0, 60)
    return (await createToken(store, { userName: ADMIN.name, label, scope, keys: scopeKeys, expiresAt: null })).token
  }
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    app.server.closeAllConnections()
    await app.close()
    await gatehouse.stop()
    if (onDisk) await rm(dataDir, { recursive: true })
    await vi.waitFor(() => expect(leftOver(before), 'resources that the house did not give back').toEqual([]), 5_000)
  }
  const house: TestHouse = {
    gatehouse,
    url,
    lines,
    adminToken: await makeToken('full', []),
    token: (...scopeKeys) => makeToken('partial', scopeKeys.length > 0 ? scopeKeys : ['tool:nothing']),
    session: () => signIn(gatehouse),
    fetch: (path, token, init = {}) => {
      const headers = new Headers(init.headers)
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      return fetch(url + path, { ...init, headers })
    },
    close: () => {
      closed ??= close()
      return closed
    },
  }
  if (until === 'suite') afterAll(house.close)
  else onTestFinished(house.close)
  return house
}

/** A clock that stands until it is moved. */
export function stoppedClock(startMs = 1_700_000_000_000): { readonly nowMs: () => number; advance(byMs: number): void } {
  let now = startMs
  return {
    nowMs: () => now,
    advance: (byMs) => {
      now += byMs
    },
  }
}

async function signIn({ authenticator }: Gatehouse): Promise<TestSession> {
  const { cookie } = await authenticator.signIn(ADMIN.name, ADMIN.password, '127.0.0.1')
  const session = await authenticator.session(cookie)
  return { cookie: `gatehouse_session=${cookie}`, csrf: session!.csrf }
}

/** A log that keeps its lines. */
export function createTestLog(lines: LogLine[], base: object = {}): Log {
  const at =
    (level: LogLine['level']) =>
    (fields: object, event: string): void =>
      void lines.push({ level, event, fields: { ...base, ...fields } })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createTestLog(lines, { ...base, ...fields }),
  }
}

/** What keeps a process alive and belongs to the outside: children, listening sockets, pipes to children. */
const resources = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(?:ProcessWrap|TCPServerWrap)$/.test(name))

function leftOver(before: readonly string[]): string[] {
  const left = resources()
  for (const name of before) {
    const index = left.indexOf(name)
    if (index >= 0) left.splice(index, 1)
  }
  return left
}
