import { expect } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import type { SecretStore } from '../../../src/module/secret/secret.store.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'

/** A house, and short ways to its secrets. */
export interface Secrets {
  readonly house: TestHouse
  readonly store: SecretStore
  /** Call an operation as the system. */
  call(name: string, input?: object): Promise<any>
  /** The fault that it ends in. */
  refused(name: string, input?: object): Promise<Fault>
}

/** Open a house. */
export async function openSecrets(options: Parameters<typeof openTestHouse>[0] = {}): Promise<Secrets> {
  const house = await openTestHouse(options)
  const call = async (name: string, input: object = {}): Promise<any> => {
    const entry = { transport: 'system', requestId: 'test', sessionKey: 'test', signal: new AbortController().signal } as const
    const answer = await house.gatehouse.door.enter(systemCaller, name, input, entry)
    return answer.kind === 'data' ? answer.data : expect.fail('It is no operation.')
  }
  return {
    house,
    store: house.gatehouse.store<SecretStore>('secret'),
    call,
    refused: (name, input) =>
      call(name, input).then(
        () => expect.fail('It should have been refused.'),
        (thrown) => thrown as Fault,
      ),
  }
}
