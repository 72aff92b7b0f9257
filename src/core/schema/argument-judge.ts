import { type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { JsonSchema } from '../../contract/tool.ts'
import { judgeInTime, OutOfTime } from './judge-in-time.ts'
import { isDear, isMuch, weightOf } from './judging-price.ts'
import { sentence } from './sentence.ts'

/** @throws Fault `invalid` listing every error with its path, `upstream` where the schema itself is at fault */
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
/** Nobody else is served while arguments are judged. */
const LIMIT_MS = 250
/** How long a judge that took too long judges nothing that may take long again. */
const REST_MS = 5_000

/**
 * A judge by JSON Schema, 2020-12 unless `$schema` says otherwise, compiled when it is first asked. Never fetches anything.
 *
 * Schemas and arguments are both somebody else's: what may take long is given 250 ms, and when that was not enough, nothing like it is
 * tried for 5 s (Fault `busy`).
 *
 * Give it only schemas without a loop (`schemaLoop`) and without a gap (`schemaGap`).
 */
export function createArgumentJudge(schema: JsonSchema): ArgumentJudge {
  const watch = createWatch()
  let compiled: { readonly validator: Validator; readonly weight: number } | undefined
  return (args) => {
    // A copy, because the validator writes into the schema, and ours is shown to clients as it came.
    compiled ??= {
      validator: new Validator(structuredClone(schema) as Schema, draftOf(schema), false),
      weight: isDear(schema) ? Number.POSITIVE_INFINITY : weightOf(schema),
    }
    const { validator, weight } = compiled
    const { valid, errors } = isMuch(args, weight) ? watch(() => validate(validator, args)) : validate(validator, args)
    if (valid) return
    const details = describe(errors)
    throw new Fault('invalid', sentence(details), { details })
  }
}

/** Lets work that may take long be done only as long as it does not. */
function createWatch(): <T>(work: () => T) => T {
  let restsUntil = Number.NEGATIVE_INFINITY
  return (work) => {
    const restMs = restsUntil - performance.now()
    if (restMs > 0) {
      throw new Fault(
        'busy',
        'Checking arguments by the schema of this tool took too long just now. Try again in a few seconds.',
        {
          retryAfterMs: Math.ceil(restMs),
        },
      )
    }
    try {
      return judgeInTime(work, LIMIT_MS)
    } catch (thrown) {
      if (!(thrown instanceof OutOfTime)) throw thrown
      restsUntil = performance.now() + REST_MS
      const message = `The arguments could not be checked within ${LIMIT_MS} ms, so the call was not made. Send shorter texts or fewer values.`
      throw new Fault('invalid', message, { details: [{ path: '', message: 'takes too long to check' }], cause: thrown })
    }
  }
}

function validate(validator: Validator, args: unknown): ReturnType<Validator['validate']> {
  try {
    return validator.validate(args)
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new Fault('invalid', 'The arguments are nested too deeply, or have too many mistakes, to be checked.', { cause })
    const why = cause instanceof Error ? cause.message.slice(0, 200) : 'it says no more'
    const message = `The schema of this tool is no JSON Schema, so nothing can be checked by it (${why}). Tell whoever made the tool.`
    throw new Fault('upstream', message, { cause })
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
