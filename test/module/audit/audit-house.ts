import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { egressSettings } from '../../../src/contract/egress.ts'
import type { House, Topics } from '../../../src/contract/house.ts'
import type { Answer, Ending, Visit } from '../../../src/contract/visit.ts'
import { createEvents } from '../../../src/core/events.ts'
import { createIds } from '../../../src/core/id.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { createMeter } from '../../../src/core/meter.ts'
import { createStores } from '../../../src/core/stores.ts'
import { AuditSettings } from '../../../src/module/audit/audit.settings.ts'
import { createTestLog, type LogLine } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'

export const NOW = 1_790_000_000_000

export const KEYS = createKeys({
  SECRET_KEY_BASE: 'a'.repeat(64),
  COOKIE_SALT: 'b'.repeat(64),
  ACCESS_CONTROL_KEY: 'c'.repeat(64),
})

/** The world of one module, with a clock that the test moves. */
export interface TestWorld<Settings> {
  readonly house: House<Settings>
  readonly lines: LogLine[]
  readonly calls: Topics['call'][]
  now: number
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-audit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const refuse = async (): Promise<never> => {
  throw new TypeError('The audit module calls nobody.')
}

/** A house for one module. */
export function testWorld<Settings>(dataDir: string, settings: Settings): TestWorld<Settings> {
  const lines: LogLine[] = []
  const log = createTestLog(lines)
  const events = createEvents(log)
  const calls: Topics['call'][] = []
  events.subscribe('call', (body) => calls.push(body))
  const nowMs = () => world.now
  const meter = createMeter()
  const house: House<Settings> = {
    dataDir,
    settings,
    nowMs,
    nextId: createIds(nowMs),
    version: '0.0.0',
    log,
    events,
    keys: KEYS,
    permits: () => [],
    tools: () => [],
    find: () => undefined,
    listed: () => [],
    resourceNames: () => [],
    tool: () => undefined,
    enter: refuse,
    callerFor: async () => undefined,
    egress: egressSettings.parse({}),
    queue: undefined as never,
    meter,
    stores: createStores(meter),
    processes: () => [],
    secrets: undefined as never,
    background: (event, work) => void work.catch((cause: unknown) => log.error({ err: cause }, event)),
  }
  const world: TestWorld<Settings> = { house, lines, calls, now: NOW }
  return world
}

/** Settings with defaults. */
export const auditSettings = (over: Partial<AuditSettings> = {}): AuditSettings => AuditSettings.parse(over)

interface VisitOver {
  readonly id?: number
  readonly startedAt?: number
  readonly tool?: string
  readonly source?: string
  readonly caller?: string
  readonly transport?: Visit['transport']
  readonly effect?: 'read' | 'write' | 'erase'
  readonly arguments?: unknown
  readonly requestId?: string
  readonly secret?: readonly string[]
  readonly kind?: Visit['tool']['kind']
  /** Id of the visit that it is part of. */
  readonly parentId?: number
}

/** A visit as the door would make it. */
export function visitOf(world: TestWorld<unknown>, over: VisitOver = {}): Visit {
  const id = over.id ?? world.house.nextId()
  const tool = over.tool ?? 'files__read'
  return {
    id,
    startedAt: over.startedAt ?? world.now,
    transport: over.transport ?? 'mcp',
    ...(over.parentId !== undefined && { parentId: over.parentId }),
    requestId: over.requestId ?? `req-${id}`,
    sessionKey: 'test',
    signal: new AbortController().signal,
    caller: {
      id: over.caller ?? 'user:1',
      name: over.caller === undefined ? 'ada' : `name of ${over.caller}`,
      authPath: 'token',
      userId: 1,
      tokenId: 2,
      grants: systemCaller.grants,
    },
    tool: {
      name: tool,
      source: over.source ?? 'files',
      localName: tool,
      kind: over.kind ?? 'dynamic',
      permit: 'x',
      effect: over.effect ?? 'read',
      idempotent: true,
      ...(over.secret && { secret: over.secret }),
      parse: (raw) => raw,
      run: () => Promise.reject(new Error('It is not run here.')),
    },
    arguments: 'arguments' in over ? over.arguments : { path: '/tmp/a' },
    spans: [
      { stage: 'find', startUs: 0, durationUs: 3 },
      { stage: 'run', startUs: 3, durationUs: 1_200 },
    ],
  }
}

/** An ending as the door would make it. */
export const endingOf = (over: Partial<Ending> = {}): Ending => ({
  outcome: 'ok',
  stage: undefined,
  code: undefined,
  message: undefined,
  answer: { kind: 'data', data: { text: 'hello' } } satisfies Answer,
  cause: undefined,
  durationMs: 1.25,
  ...over,
})

/** A question and how the database answers it. */
interface Plan {
  readonly sql: string
  readonly plan: readonly string[]
}

/** The plans of all statements that are prepared while something is done. */
export async function plansOf(raw: BetterSqlite3.Database, work: () => Promise<void>): Promise<Plan[]> {
  const asked = new Set<string>()
  const prepare = raw.prepare.bind(raw)
  raw.prepare = ((sql: string): unknown => {
    asked.add(sql)
    return prepare(sql)
  }) as typeof raw.prepare
  await work()
  raw.prepare = prepare
  return [...asked].map((sql) => {
    const zeros = (sql.match(/\?/g) ?? []).map(() => 0)
    const rows = prepare(`explain query plan ${sql}`).all(...zeros) as { detail: string }[]
    return { sql, plan: rows.map(({ detail }) => detail) }
  })
}
