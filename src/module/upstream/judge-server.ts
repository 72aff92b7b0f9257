import { Fault } from '../../contract/fault.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import { type Definition, parseDefinition } from './definition.ts'

/** A definition, or what is wrong with it. */
export function judgeServer(alias: string, raw: unknown): Definition | string {
  if (!ALIAS.test(alias)) return ALIAS_RULE
  try {
    return parseDefinition(raw)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message
    throw thrown
  }
}
