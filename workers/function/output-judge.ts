import { LRUCache } from 'lru-cache'
import { Fault } from '../../src/contract/fault.ts'
import type { JsonSchema } from '../../src/contract/tool.ts'
import { type ArgumentJudge, createArgumentJudge } from '../../src/core/schema/argument-judge.ts'
import type { Outcome } from './backend.ts'
import { failed } from './outcome.ts'

/** Deeper values break what carries them on (`JSON.stringify` gives up between 3 000 and 5 000 levels). */
const MAX_DEPTH = 500
const MAX_JUDGES = 64

const judges = new LRUCache<string, ArgumentJudge>({ max: MAX_JUDGES })

/** A run's outcome with its output as a value, judged by the function's own schema. */
export type JudgedOutcome = { readonly ok: true; readonly output: unknown } | Extract<Outcome, { ok: false }>

/** @param schema null where the function declares none */
export function judgeOutput(outcome: Outcome, schema: JsonSchema | null): JudgedOutcome {
  if (!outcome.ok) return outcome
  const output = parsed(outcome.output)
  if (output === undefined) return failed('json', 'What the function gave is no JSON.')
  if (outcome.output.length > 2 * MAX_DEPTH && isDeeper(output, MAX_DEPTH)) {
    return failed('output', `What the function gave is nested deeper than ${MAX_DEPTH} levels.`)
  }
  const mistake = schema && mistakeIn(output, schema)
  return mistake ? failed('schema', mistake) : { ok: true, output }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function mistakeIn(output: unknown, schema: JsonSchema): string | undefined {
  try {
    judgeOf(schema)(output)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    const places = (thrown.details ?? []).slice(0, 20).map(({ path, message }) => `${path || 'the output'}: ${message}`)
    const said = places.length > 0 ? places.join('; ') : thrown.message
    return `What the function gave does not fit its output schema: ${said.replace(/\.?$/, '.')}`
  }
}

function judgeOf(schema: JsonSchema): ArgumentJudge {
  const key = JSON.stringify(schema)
  const judge = judges.get(key) ?? createArgumentJudge(schema)
  judges.set(key, judge)
  return judge
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}
