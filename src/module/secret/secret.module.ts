import { defineModule } from '../../contract/module.ts'
import { hourly } from '../../core/hourly.ts'
import { lookAfter } from './look-after.ts'
import { secretOperations } from './secret.operations.ts'
import { secretPages } from './secret.pages.ts'
import { type SecretSettings, secretSettings } from './secret.settings.ts'
import { openSecretStore, type SecretStore } from './secret.store.ts'

/** Values that must not be seen: kept encrypted, referred to by name, and taken out of whatever leaves the gateway. */
export const secret = defineModule<SecretStore, SecretSettings>({
  name: 'secret',
  settings: secretSettings,
  open: openSecretStore,
  operations: secretOperations,
  pages: secretPages,
  secrets: (store) => store.secrets,
  service: (store) => {
    const { house, rotation } = store
    const hours = hourly(house, 'secret.look_after_failed', (nowMs, signal) => lookAfter(store, nowMs, signal))
    return {
      async start() {
        await rotation.pickUp()
        await hours.start()
      },
      async stop() {
        await hours.stop()
        await rotation.stop()
      },
    }
  },
})
