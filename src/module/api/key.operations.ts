import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import type { SigningAlgorithm } from '../../core/assertion/key-set.ts'
import { rotateKeys } from '../../core/assertion/rotate-keys.ts'
import type { ApiStore } from './api.store.ts'

/** What operators do with the keys that sign assertions. */
export const keyOperations = (op: DefineOperation<ApiStore>) => ({
  rotate_signing_key: op({
    summary: 'Make the next key that signs assertions for APIs; the first one signs at once.',
    description:
      'A later one is published before it signs, and the one before stays published after. The keys lie in a secret; the caller needs the right to write that.',
    route: 'POST /apis-signing-key',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ algorithm: z.enum(['EdDSA', 'ES256']).default('EdDSA') }),
    output: z.object({
      kid: z.string(),
      secret: z.string().describe('Name of the secret that holds the keys'),
      signsFrom: z.int().describe('ms since the epoch'),
    }),
    example: { input: {}, outcome: 'ok' },
    run: ({ algorithm }, scope) => inTurn(scope.store, () => rotate(scope, algorithm)),
  }),
})

const turns = new WeakMap<ApiStore, Promise<unknown>>()

/** After whatever was begun before on the same store, however that ended. */
function inTurn<T>(store: ApiStore, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(store) ?? Promise.resolve()).then(work, work)
  turns.set(store, mine)
  return mine
}

/** Reads the keys, adds one and writes them: two at a time would lose one of theirs. */
async function rotate({ store, call, nowMs }: Scope<ApiStore>, algorithm: SigningAlgorithm) {
  const { assertion } = store.house.settings
  const before = await keysBefore(store)
  const { text, kid, signsFrom } = await rotateKeys(before, algorithm, assertion, nowMs)
  const name = assertion.keys
  if (before === undefined) await call('secret_create', { name, value: text, description: 'Keys that sign assertions for APIs' })
  else await call('secret_set', { name, value: text })
  return { kid, secret: name, signsFrom }
}

async function keysBefore({ house }: ApiStore): Promise<string | undefined> {
  const user = { by: 'signed assertions', field: 'signing keys' }
  try {
    return (await house.secrets.resolve(`secret:${house.settings.assertion.keys}`, user)).value
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unavailable') return undefined
    throw thrown
  }
}
