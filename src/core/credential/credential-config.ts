import { z } from 'zod'

/** A value, or a reference to one (`secret:<name>`); looked up for each request. */
const Text = z.string().min(1).max(8_192)
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** How an API is told who asks, as it is kept: with references instead of values. */
export const CredentialConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('apiKey'),
    in: z.enum(['header', 'query', 'cookie']),
    name: z.string().min(1).max(200).regex(HEADER, 'This cannot be the name of a header, a parameter or a cookie'),
    value: Text,
  }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().max(8_192), password: Text }),
  z.strictObject({ kind: z.literal('bearer'), token: Text }),
  z.strictObject({
    kind: z.literal('oauth2'),
    tokenUrl: z.url({ protocol: /^https?$/ }),
    clientId: Text,
    clientSecret: Text,
    scope: z.string().max(4_096).nullable().default(null),
    authentication: z.enum(['basic', 'body']).default('basic'),
  }),
  /** A short JWT that the gateway signs for each request, sent as a bearer token. */
  z.strictObject({ kind: z.literal('assertion'), audience: z.string().min(1).max(1_024) }),
])

export type CredentialConfig = z.output<typeof CredentialConfig>

/** Which fields of each kind may refer to secrets. */
const FIELDS = {
  none: [],
  apiKey: ['value'],
  basic: ['user', 'password'],
  bearer: ['token'],
  oauth2: ['clientId', 'clientSecret'],
  assertion: [],
} as const satisfies Record<CredentialConfig['kind'], readonly string[]>

/** What a credential refers to, field by field, for `Secrets.declare`. */
export function credentialTexts(config: CredentialConfig): Readonly<Record<string, string>> {
  const fields = config as Readonly<Record<string, unknown>>
  return Object.fromEntries(FIELDS[config.kind].map((field) => [`credential ${field}`, String(fields[field])]))
}
