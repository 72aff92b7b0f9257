import { type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { JsonSchema } from '../../contract/tool.ts'
import { sentence } from '../../core/parse-input.ts'

/** @throws Fault `invalid` listing every error with its path */
export type ArgumentJudge = (args: unknown) => void

const DRAFTS: readonly (readonly [RegExp, SchemaDraft])[] = [
  [/draft-04/, '4'],
  [/draft-0[67]/, '7'],
  [/2019-09/, '2019-09'],
]
/** Keywords that only lead to the one that really failed. */
const LEADING = new Set([
  'properties',
  'additionalProperties',
  'items',
  'prefixItems',
  '$ref',
  'allOf',
  'patternProperties',
  'if',
  'then',
  'else',
])
const MAX_ERRORS = 50

/**
 * A judge by JSON Schema, 2020-12 unless `$schema` says otherwise, compiled when it is first asked. Never fetches anything.
 *
 * Give it only schemas without a loop (`schemaLoop`) and without a gap (`schemaGap`).
 */
export function createArgumentJudge(schema: JsonSchema): ArgumentJudge {
  let validator: Validator | undefined
  return (args) => {
    // A copy, because the validator writes into the schema, and ours is shown to clients as it came.
    validator ??= new Validator(structuredClone(schema) as Schema, draftOf(schema), false)
    const { valid, errors } = validate(validator, args)
    if (valid) return
    const details = describe(errors)
    throw new Fault('invalid', sentence(details), { details })
  }
}

function validate(validator: Validator, args: unknown): ReturnType<Validator['validate']> {
  try {
    return validator.validate(args)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new Fault('invalid', 'The arguments are nested too deeply to be checked.', { cause })
  }
}

const draftOf = ({ $schema }: JsonSchema): SchemaDraft =>
  DRAFTS.find(([pattern]) => typeof $schema === 'string' && pattern.test($schema))?.[1] ?? '2020-12'

function describe(errors: readonly OutputUnit[]): FaultDetail[] {
  const telling = errors.filter(({ keyword }) => !LEADING.has(keyword))
  const seen = new Set<string>()
  return (telling.length > 0 ? telling : errors)
    .map(({ instanceLocation, error }) => ({ path: decode(instanceLocation), message: error.slice(0, 300) }))
    .filter(({ path, message }) => {
      const isNew = !seen.has(`${path}\n${message}`)
      seen.add(`${path}\n${message}`)
      return isNew
    })
    .slice(0, MAX_ERRORS)
}

/** The validator writes pointers as URI fragments. */
function decode(location: string): string {
  try {
    return decodeURIComponent(location.replace(/^#/, ''))
  } catch {
    return location.replace(/^#/, '')
  }
}
