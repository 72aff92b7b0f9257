import { onTestFinished } from 'vitest'
import { type AssertionSettings, assertionSettings } from '../../../src/core/assertion/assertion.settings.ts'
import type { SigningAlgorithm } from '../../../src/core/assertion/key-set.ts'
import { rotateKeys } from '../../../src/core/assertion/rotate-keys.ts'
import { createSigner, type Signer } from '../../../src/core/assertion/signer.ts'
import { createEvents } from '../../../src/core/events.ts'
import { createIds } from '../../../src/core/id.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { createSecret, setValue } from '../../../src/module/secret/change-secret.ts'
import { secretSettings } from '../../../src/module/secret/secret.settings.ts'
import { openSecretStore } from '../../../src/module/secret/secret.store.ts'
import { createTestLog, stoppedClock } from '../../support.ts'

/** A signer whose keys lie in a real secret store. */
interface OpenSigner {
  readonly signer: Signer
  readonly settings: AssertionSettings
  readonly clock: ReturnType<typeof stoppedClock>
  /** Make the next key, as an operator does. @returns its id */
  rotate(algorithm?: SigningAlgorithm): Promise<string>
  /** Put something else where the keys should be. */
  spoil(text: string): Promise<void>
}

const KEYS = { SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) }

/** Open one with its own store. */
export async function openSigner(given: object = {}): Promise<OpenSigner> {
  const settings = assertionSettings.parse(given)
  const clock = stoppedClock()
  const { nowMs } = clock
  const log = createTestLog([])
  const events = createEvents(log)
  const store = await openSecretStore({
    dataDir: ':memory:',
    settings: secretSettings.parse({}),
    nowMs,
    nextId: createIds(nowMs),
    log,
    keys: createKeys(KEYS),
    events,
    background: (_, work) => void work,
  })
  const signer = createSigner({ secrets: store.secrets, events, nowMs }, settings)
  onTestFinished(async () => {
    signer.close()
    await store.close()
  })
  let held: string | undefined
  const keep = async (text: string): Promise<void> => {
    const value = { text, overlapMs: 0, expiresAt: undefined }
    if (held === undefined)
      await createSecret(store, { name: settings.keys, value: text, description: '', issuer: '', expiresAt: null }, 'test')
    else await setValue(store, settings.keys, value, 'test')
    held = text
  }
  return {
    signer,
    settings,
    clock,
    spoil: keep,
    async rotate(algorithm = 'EdDSA') {
      const { text, kid } = await rotateKeys(held, algorithm, settings, nowMs())
      await keep(text)
      return kid
    },
  }
}
