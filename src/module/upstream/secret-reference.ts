import { Fault } from '../../contract/fault.ts'
import type { ResolvedText, Secrets } from '../../contract/secrets.ts'
import type { Definition } from './definition.ts'

/** Values for one connect, and which of them must never be shown. */
export interface Resolved {
  readonly values: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** How an upstream is called where somebody asks who uses a secret. */
export const userOf = (alias: string): string => `upstream ${alias}`

/** The variables or headers of a definition, as they are written. */
export const writtenTexts = (definition: Definition): Readonly<Record<string, string>> =>
  definition.transport === 'stdio' ? definition.env : definition.headers

/**
 * Look up every reference of a definition, anew at each connect, so that a changed secret needs only a restart of the upstream.
 *
 * @throws Fault `unavailable` naming the variable and what is missing
 */
export async function resolveSecrets(alias: string, definition: Definition, secrets: Secrets): Promise<Resolved> {
  const by = userOf(alias)
  const hidden: string[] = []
  const values: Record<string, string> = {}
  const take = (name: string, resolved: ResolvedText): void => {
    if (/[\r\n\0]/.test(resolved.value))
      throw new Fault('unavailable', `${name}: its value has more than one line, which neither variable nor header can hold.`)
    hidden.push(...resolved.secrets)
    values[name] = resolved.value
  }
  if (definition.transport === 'stdio' && definition.envFile !== undefined) {
    const variables = await secrets.variables(definition.envFile, { by, field: 'envFile' })
    for (const [name, variable] of Object.entries(variables)) take(name, variable)
  }
  for (const [name, text] of Object.entries(writtenTexts(definition)))
    take(name, await secrets.resolve(text, { by, field: name }))
  for (const [name, argv] of Object.entries(definition.passwordCommand)) {
    take(definition.transport === 'stdio' ? name : name.toLowerCase(), await secrets.run(argv, { by, field: name }))
  }
  return { values, secrets: hidden.filter((secret) => secret.length >= 4) }
}
