import { onTestFinished } from 'vitest'
import type { Caller } from '../../../src/contract/caller.ts'
import type { Log } from '../../../src/contract/house.ts'
import { type Gatehouse, openGatehouse } from '../../../src/core/gatehouse.ts'
import { access } from '../../../src/module/access/access.module.ts'
import type { AccessStore } from '../../../src/module/access/access.store.ts'
import { createToken } from '../../../src/module/access/create-token.ts'
import { addUser } from '../../../src/module/access/users.ts'
import { houseParts } from '../../house-parts.ts'
import { stoppedClock } from '../../support.ts'
import { TEST_KEYS } from './test-keys.ts'

/** A house of nothing but the access module, without HTTP. */
export interface AccessTestHouse {
  readonly gatehouse: Gatehouse
  readonly store: AccessStore
  readonly clock: ReturnType<typeof stoppedClock>
  /** Events of the log, with their fields. */
  readonly logged: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[]
  /** Make a user who holds some keys, without a password. */
  user(name: string, ...keys: string[]): Promise<number>
  /** Make a token and show it. */
  token(userName: string, ...keys: string[]): Promise<{ readonly id: number; readonly token: string }>
  /** Who a user is when signed in. */
  asUser(userId: number): Promise<Caller>
  bearer(token: string): Promise<Caller>
  /** Call an operation through the door. */
  call(caller: Caller, name: string, input?: object): Promise<any>
}

export const PASSWORD = 'correct horse battery staple'

/** Open one; it closes when the test ends. */
export async function openAccessHouse(
  options: {
    readonly settings?: object
    readonly dataDir?: string
    readonly nowMs?: () => number
    readonly start?: boolean
  } = {},
): Promise<AccessTestHouse> {
  const clock = stoppedClock()
  const logged: { event: string; fields: Record<string, unknown> }[] = []
  const write = (fields: object, event: string): void => void logged.push({ event, fields: { ...fields } })
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
  const gatehouse = await openGatehouse({
    modules: [access],
    dataDir: options.dataDir ?? ':memory:',
    settings: { access: access.settings!.parse(options.settings ?? {}) },
    keys: TEST_KEYS,
    nowMs: options.nowMs ?? clock.nowMs,
    log,
    version: '0.0.0',
    ...houseParts({ dataDir: ':memory:', nowMs: options.nowMs ?? clock.nowMs, log }),
  })
  onTestFinished(() => gatehouse.stop())
  if (options.start) await gatehouse.start()
  const store = gatehouse.store<AccessStore>('access')
  return {
    gatehouse,
    store,
    clock,
    logged,
    user: async (name, ...keys) => (await addUser(store, { name, keys, by: 'test' })).id,
    token: (userName, ...keys) =>
      createToken(store, { userName, label: 'test', scope: keys.length === 0 ? 'full' : 'partial', keys, expiresAt: null }),
    asUser: async (userId) => {
      const rights = await store.rights.ofUser(userId)
      return {
        id: `user:${userId}`,
        name: rights!.user.name,
        authPath: 'session',
        userId,
        tokenId: undefined,
        grants: rights!.keys,
      }
    },
    bearer: async (token) => gatehouse.authenticator.bearer(token),
    async call(caller, name, input = {}) {
      const entry = { transport: 'rest', requestId: 'test', sessionKey: caller.id, signal: new AbortController().signal } as const
      const answer = await gatehouse.door.enter(caller, name, input, entry)
      return answer.kind === 'data' ? answer.data : answer
    },
  }
}
