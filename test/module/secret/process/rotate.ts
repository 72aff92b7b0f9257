import { setImmediate } from 'node:timers/promises'
import { openSecretStore } from '../../../../src/module/secret/secret.store.ts'
import { secretHouse } from '../many-secrets.ts'

// Rotates the secrets of a folder and says after every turn how many rows are left, until somebody kills it.
const store = await openSecretStore(secretHouse(process.argv[2]!))
await store.rotation.begin()
while (store.rotation.isRunning) {
  process.stdout.write(`${await store.rotation.remaining()}\n`)
  await setImmediate()
}
