import { z } from 'zod'
import type { Caller } from '../../contract/caller.ts'
import { Fault, type FaultDetail } from '../../contract/fault.ts'
import { CredentialConfig, credentialTexts } from '../../core/credential/credential-config.ts'
import { parseText } from '../../core/reference.ts'

/** A credential as it is sent and shown: flat, so that a form can ask for it; its value is always a reference. */
export const CredentialFields = z.strictObject({
  kind: z.enum(['none', 'apiKey', 'basic', 'bearer', 'oauth2', 'assertion']).describe('How the API is told who asks'),
  valueFrom: z
    .string()
    .max(300)
    .optional()
    .describe(
      'Where key, password, token or client secret comes from: secret:<name>, env:NAME, file:/path or command:["program"]',
    ),
  in: z.enum(['header', 'query', 'cookie']).optional().describe('apiKey: where it goes; default header'),
  name: z.string().max(200).optional().describe('apiKey: name of the header, parameter or cookie'),
  user: z.string().max(300).optional().describe('basic: the user'),
  tokenUrl: z.string().max(2_000).optional().describe('oauth2: where tokens are given out'),
  clientId: z.string().max(300).optional().describe('oauth2: the client'),
  scope: z.string().max(2_000).optional().describe('oauth2: what is asked for'),
  authentication: z.enum(['basic', 'body']).optional().describe('oauth2: where client id and secret go; default basic'),
  audience: z.string().max(1_000).optional().describe('assertion: whom it is for'),
})

export type CredentialFields = z.output<typeof CredentialFields>

/** What each kind is called where it holds its value. */
const VALUE_OF = { apiKey: 'value', basic: 'password', bearer: 'token', oauth2: 'clientSecret' } as const

/** Who may run programs on this machine may also read its files and environment; nobody else sends them anywhere. */
const MACHINE_RIGHT = 'upstream.define'

/**
 * Read a credential that somebody sends.
 *
 * @param signingKeys name of the secret that no API may be sent: whoever has it can speak for anybody
 * @throws Fault `invalid` where it is incomplete or would keep a value instead of a reference, `forbidden` for references to the machine's own
 * files, variables and programs by callers who may not define upstreams
 */
export function readCredential(fields: CredentialFields, caller: Caller, signingKeys: string): CredentialConfig {
  const { kind, valueFrom, ...rest } = fields
  const valueField = kind in VALUE_OF ? VALUE_OF[kind as keyof typeof VALUE_OF] : undefined
  const given = kind === 'apiKey' ? { in: 'header', ...rest } : rest
  const parsed = CredentialConfig.safeParse({
    kind,
    ...given,
    ...(valueField && valueFrom !== undefined && { [valueField]: valueFrom }),
  })
  if (!parsed.success) throw incomplete(parsed.error, valueField)
  if (valueField !== undefined) requireReference(valueFrom ?? '', caller)
  for (const text of [fields.user, fields.clientId]) if (text !== undefined) requireOwn(text, caller)
  for (const text of Object.values(credentialTexts(parsed.data))) requireNoSigningKeys(text, signingKeys)
  return parsed.data
}

/**
 * Whether a caller may decide where a credential is sent that somebody else set.
 *
 * @throws Fault `forbidden` as `readCredential`
 */
export function requireMayDirect(config: CredentialConfig, caller: Caller): void {
  for (const text of Object.values(credentialTexts(config))) requireOwn(text, caller)
}

/** A credential as it may be shown: which reference it holds, never what that stands for. */
export function shownCredential(config: CredentialConfig): CredentialFields {
  switch (config.kind) {
    case 'apiKey':
      return { kind: config.kind, in: config.in, name: config.name, valueFrom: config.value }
    case 'basic':
      return { kind: config.kind, user: config.user, valueFrom: config.password }
    case 'bearer':
      return { kind: config.kind, valueFrom: config.token }
    case 'oauth2': {
      const { kind, tokenUrl, clientId, clientSecret, scope, authentication } = config
      return { kind, tokenUrl, clientId, valueFrom: clientSecret, authentication, ...(scope !== null && { scope }) }
    }
    default:
      return config
  }
}

function requireReference(text: string, caller: Caller): void {
  const parts = parseText(text)
  if (parts.some((part) => typeof part !== 'string')) {
    requireOwn(text, caller)
    return
  }
  const message = 'Keep the value as a secret and write secret:<name> here; the gateway stores no value in a definition.'
  throw new Fault('invalid', message, { details: [{ path: '/credential/valueFrom', message }] })
}

function requireOwn(text: string, { grants, name }: Caller): void {
  const isForeign = parseText(text).some((part) => typeof part !== 'string' && part.kind !== 'secret')
  if (!isForeign || grants.allows(MACHINE_RIGHT)) return
  throw new Fault(
    'forbidden',
    `${name} may refer to secrets only: env:, file: and command: reach into the machine of the gateway and need the right ${MACHINE_RIGHT}.`,
    { data: { permit: MACHINE_RIGHT } },
  )
}

function requireNoSigningKeys(text: string, name: string): void {
  if (!parseText(text).some((part) => typeof part !== 'string' && part.kind === 'secret' && part.name === name)) return
  const message = `The secret ${name} holds the keys that sign assertions and is sent to nobody. Use the kind assertion to sign with them`
  throw new Fault('invalid', `${message}.`, { details: [{ path: '/credential/valueFrom', message }] })
}

function incomplete(error: z.ZodError, valueField: string | undefined): Fault {
  const details = error.issues.flatMap((issue): FaultDetail[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: `/credential/${key}`, message: 'This kind of credential does not have it' }))
    const field = String(issue.path[0] ?? 'kind')
    const name = field === valueField ? 'valueFrom' : field
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined
    return [{ path: `/credential/${name}`, message: isMissing ? 'This kind of credential needs it' : issue.message }]
  })
  const listed = details.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return new Fault('invalid', `The credential is not complete: ${listed}.`, { details })
}
