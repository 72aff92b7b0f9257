import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { functionLane } from '../../../queue/function.lane.ts'
import { type Caller, placeOf } from '../../contract/caller.ts'
import type { House } from '../../contract/house.ts'
import type { RunOptions } from '../../contract/queue.ts'
import { type Definition, isRepeatable } from './definition.ts'
import { programOf } from './program.ts'
import { requireDepth } from './require-depth.ts'

type Payload = z.input<typeof functionLane.payload>

/** What goes to the lane for one run. */
export type InvokePayload = Extract<Payload, { kind: 'invoke' }>

/** The same as it comes back. */
export type RunPayload = Extract<z.output<typeof functionLane.payload>, { kind: 'invoke' }>

/** How a run ended, as the sandbox says it. */
export type Invoked = Extract<z.output<typeof functionLane.result>, { kind: 'invoked' }>

/** A function at one version, or its draft. */
export interface Runnable {
  readonly functionId: number
  readonly name: string
  /** null: the draft. */
  readonly version: number | null
  readonly hash: string
  readonly definition: Definition
}

/** Who asks for a run, and how. */
export interface Asking {
  readonly caller: Caller
  readonly asked: 'call' | 'test' | 'submit'
  readonly requestId: string
  readonly sessionKey: string
  /** How many functions stand above it. */
  readonly depth: number
  /** The visit that waits for it, where one does; calls that it makes are part of that. */
  readonly visitId?: number
  /** For runs that have to give the same answer twice. */
  readonly nowMs?: number | undefined
  readonly seed?: number | undefined
}

/** How long the lane waits beyond the sandbox's own deadline, in ms, so that the sandbox gets to say what happened. */
const GRACE_MS = 1_000

/** A run may outlive the process that asked for it, and then there is another visit, or none, by that id. */
const THIS_PROCESS = randomUUID()

/** The visit that waits for a run, where it is one of this process. */
export const visitIdOf = ({ visit }: Pick<RunPayload, 'visit'>): number | undefined =>
  visit?.process === THIS_PROCESS ? visit.id : undefined

/** Put a run into the lane's words. What it runs is pinned by its hash. */
export function invokePayload({ definition, ...runnable }: Runnable, input: unknown, asking: Asking): InvokePayload {
  const { caller } = asking
  return {
    kind: 'invoke',
    program: programOf(definition, runnable.hash),
    functionName: runnable.name,
    input,
    outputSchema: definition.outputSchema ?? null,
    nowMs: asking.nowMs ?? null,
    seed: asking.seed ?? null,
    caller: { userId: caller.userId ?? null, tokenId: caller.tokenId ?? null },
    callerId: caller.id,
    callerName: caller.name,
    asked: asking.asked,
    keys: definition.keys,
    depth: asking.depth,
    requestId: asking.requestId,
    sessionKey: asking.sessionKey,
    visit: asking.visitId === undefined ? null : { id: asking.visitId, process: THIS_PROCESS },
    functionId: runnable.functionId,
    version: runnable.version,
  }
}

/** What goes with a run's payload. Only what may run twice is tried again after a worker died. */
export const jobOptions = ({ definition }: Runnable, { caller, depth }: Asking) => ({
  token: placeOf(caller),
  level: depth,
  maxAttempts: isRepeatable(definition) ? 2 : 1,
  timeoutMs: definition.limits.timeoutMs + GRACE_MS,
})

/**
 * Run a function in its lane and wait for how it ended.
 *
 * @throws Fault `blocked` for functions within functions too deep; whatever `Queue.run` throws
 */
export async function invoke(
  { queue }: House,
  runnable: Runnable,
  input: unknown,
  asking: Asking,
  waiting: Pick<RunOptions, 'signal' | 'onChunk'>,
): Promise<Invoked> {
  requireDepth(runnable.name, asking.depth)
  const result = await queue.run(functionLane, invokePayload(runnable, input, asking), {
    ...jobOptions(runnable, asking),
    ...waiting,
  })
  if (result.kind !== 'invoked') throw new TypeError(`The lane answered a run of ${runnable.name} with ${result.kind}.`)
  return result
}
