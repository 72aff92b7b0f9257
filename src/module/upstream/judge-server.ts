import { Fault } from '../../contract/fault.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import { type Definition, parseDefinition } from './definition.ts'

/** A definition, or what is wrong with it. @param raw what somebody wrote, or the fault that says why it could not be read */
export function judgeServer(alias: string, raw: unknown): Definition | string {
  if (!ALIAS.test(alias)) return ALIAS_RULE
  if (raw instanceof Fault) return raw.message
  try {
    return parseDefinition(raw)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message
    throw thrown
  }
}
