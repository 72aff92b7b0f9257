import { z } from 'zod'
import { functionLane } from '../../../queue/function.lane.ts'
import { type Caller, placeOf } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { JsonSchema } from '../../contract/tool.ts'
import { createArgumentJudge } from '../../core/schema/argument-judge.ts'
import { schemaGap } from '../../core/schema/schema-gap.ts'
import { schemaLoop } from '../../core/schema/schema-loop.ts'
import { schemaTypo } from '../../core/schema/schema-typo.ts'
import type { FunctionStore } from './function.store.ts'
import { type Draft, hashOf } from './function-rows.ts'
import { programOf } from './program.ts'

/** Something that keeps a draft from being published. */
export const Problem = z.object({
  in: z.enum(['source', 'inputSchema', 'outputSchema']),
  line: z.int().nullable().describe('From 1; null where it has no place'),
  column: z.int().nullable(),
  message: z.string(),
})

export type Problem = z.output<typeof Problem>

/** Before jobs that only run: somebody sits and waits for it, and it is over in a moment. */
const CHECK_PRIORITY = 10
/** Every client is sent the schemas of all its tools, and nobody else is served while one is made ready. */
const MAX_SCHEMA_CHARS = 65_536

/**
 * Everything that is wrong with a draft: its schemas, and its source, which is compiled in the lane and not run.
 *
 * @throws Fault `disabled` for a backend that is off, `unavailable` without a worker, or whatever else `Queue.run` throws
 */
export async function checkDraft(
  { house }: FunctionStore,
  { definition, source }: Draft,
  caller: Caller,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const program = { ...programOf(definition, hashOf(source)), source }
  const options = { token: placeOf(caller), priority: CHECK_PRIORITY, signal }
  const result = await house.queue.run(functionLane, { kind: 'check', program }, options)
  if (result.kind !== 'checked') throw new TypeError(`The lane answered a check with ${result.kind}.`)
  return [
    ...result.problems.map((problem) => ({ in: 'source' as const, ...problem })),
    ...schemaProblems('inputSchema', definition.inputSchema),
    ...schemaProblems('outputSchema', definition.outputSchema),
  ]
}

/** What is wrong with a schema: what nobody could judge by is no schema. */
export function schemaProblems(where: 'inputSchema' | 'outputSchema', schema: JsonSchema | undefined): Problem[] {
  if (schema === undefined) return []
  const problem = (message: string): Problem[] => [{ in: where, line: null, column: null, message }]
  if (where === 'inputSchema' && schema['type'] !== 'object')
    return problem('Arguments are always an object: its type must be "object".')
  const flaw = sizeFlaw(schema) ?? schemaLoop(schema) ?? schemaTypo(schema) ?? schemaGap(schema) ?? compileFlaw(schema)
  return flaw === undefined ? [] : problem(`It cannot be used: ${flaw}.`)
}

function sizeFlaw(schema: JsonSchema): string | undefined {
  const { length } = JSON.stringify(schema)
  return length > MAX_SCHEMA_CHARS ? `it has ${length} characters, and a schema may have ${MAX_SCHEMA_CHARS}` : undefined
}

function compileFlaw(schema: JsonSchema): string | undefined {
  try {
    createArgumentJudge(schema)({})
    return undefined
  } catch (thrown) {
    // An empty object may well not fit; that it could be judged is enough.
    if (thrown instanceof Fault && thrown.code !== 'upstream') return undefined
    return (thrown as Error).message.slice(0, 300)
  }
}

/** One fault for all that keeps a draft from being published. */
export function requireNoProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const [first] = problems
  const place = first!.line === null ? first!.in : `line ${first!.line}`
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  throw new Fault('invalid', `It cannot be published: ${place}: ${first!.message.replace(/\.$/, '')}${more}.`, {
    details: problems.map(({ in: where, line, column, message }) => ({
      path: `/${where}`,
      message: line === null ? message : `line ${line}${column === null ? '' : `, column ${column}`}: ${message}`,
    })),
    data: { problems },
  })
}
