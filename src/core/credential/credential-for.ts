import type { Credential } from '../../../queue/api.lane.ts'
import type { Secrets } from '../../contract/secrets.ts'
import type { Signer } from '../assertion/signer.ts'
import type { CredentialConfig } from './credential-config.ts'

/** For whom and through what a credential is made ready. */
interface CredentialGround {
  readonly secrets: Secrets
  readonly signer: Signer
  /** The thing that uses it, as for `Secrets.resolve`: `api github`. */
  readonly by: string
  /** Whom a signed assertion speaks for, and in which request. */
  readonly actor: { readonly id: string; readonly name: string }
  readonly requestId: string
}

/**
 * Look up what a credential refers to, or sign it; for one request.
 *
 * @throws Fault `unavailable` where a reference stands for nothing, or no key signs
 */
export async function credentialFor(config: CredentialConfig, ground: CredentialGround): Promise<Credential> {
  const resolve = async (field: string, text: string): Promise<string> =>
    (await ground.secrets.resolve(text, { by: ground.by, field: `credential ${field}` })).value
  switch (config.kind) {
    case 'none':
      return config
    case 'apiKey':
      return { ...config, value: await resolve('value', config.value) }
    case 'basic':
      return {
        ...config,
        user: await resolve('user', config.user),
        password: await resolve('password', config.password),
      }
    case 'bearer':
      return { kind: 'bearer', token: await resolve('token', config.token) }
    case 'oauth2':
      return {
        ...config,
        clientId: await resolve('clientId', config.clientId),
        clientSecret: await resolve('clientSecret', config.clientSecret),
      }
    case 'assertion': {
      const { actor, requestId, signer } = ground
      return { kind: 'bearer', token: await signer.sign({ audience: config.audience, actor, requestId }) }
    }
  }
}
