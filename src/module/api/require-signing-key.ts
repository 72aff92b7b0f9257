import { Fault } from '../../contract/fault.ts'
import type { Signer } from '../../core/assertion/signer.ts'
import type { ApiModuleSettings } from './api.settings.ts'
import type { Registry } from './registry.ts'

/**
 * A gateway that cannot sign must not start as if it could.
 *
 * @throws TypeError naming the API and the way out
 */
export async function requireSigningKey(registry: Registry, signer: Signer, { assertion }: ApiModuleSettings): Promise<void> {
  const asking = registry.all().find(({ credential, row }) => credential.kind === 'assertion' && row.enabled === 1)
  if (!asking) return
  try {
    await signer.requireKey()
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    throw new TypeError(
      `The API ${asking.row.alias} asks for signed assertions, and no key signs them: ${thrown.message} The key lies in the secret ${assertion.keys}; restore that, or the backup that holds it.`,
      { cause: thrown },
    )
  }
}
