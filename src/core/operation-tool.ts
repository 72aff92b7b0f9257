import { z } from 'zod'
import { Fault } from '../contract/fault.ts'
import type { AnyOperation, Scope } from '../contract/operation.ts'
import type { Effect, Tool, ToolDefinition } from '../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../contract/visit.ts'
import { parseInput } from './parse-input.ts'

/** Longest an operation may run, in ms. Tools of upstreams have timeouts of their own. */
const OPERATION_TIMEOUT_MS = 60_000

/** MCP's `ToolAnnotations` for each effect. */
const HINTS = {
  read: { readOnlyHint: true, openWorldHint: false },
  write: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  erase: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
} as const satisfies Record<Effect, object>

/** How an operation reaches what others offer, through the door. */
export interface OperationCalls {
  /** Calls another operation as the caller of this visit. */
  readonly callAs: (visit: Visit, name: string, input: object) => Promise<Readonly<Record<string, unknown>>>
  /** The same of what a source offers. */
  readonly relayAs: (visit: Visit, name: string, args: unknown) => Promise<RelayedResult>
}

interface Parts<Store> extends OperationCalls {
  readonly module: string
  readonly key: string
  readonly operation: AnyOperation<Store>
  readonly store: Store
  readonly nowMs: () => number
}

/** An operation as the catalog holds it. */
export function operationTool<Store>(parts: Parts<Store>): Tool {
  const { module, key, operation } = parts
  const name = `${module}_${key}`
  let definition: ToolDefinition | undefined
  return {
    name,
    source: module,
    localName: key,
    kind: 'operation',
    permit: operation.permit,
    effect: operation.effect,
    idempotent: operation.idempotent ?? operation.effect === 'read',
    ...(operation.secret && { secret: operation.secret }),
    ...(operation.reveals && { reveals: true }),
    get definition() {
      definition ??= define(name, operation)
      return definition
    },
    parse: (raw) => parseInput(operation.input, raw ?? {}),
    run: (visit) => run(parts, visit),
  }
}

function define(name: string, operation: AnyOperation): ToolDefinition {
  return {
    name,
    description: operation.description ? `${operation.summary} ${operation.description}` : operation.summary,
    inputSchema: z.toJSONSchema(operation.input, { io: 'input' }) as ToolDefinition['inputSchema'],
    outputSchema: z.toJSONSchema(operation.output) as ToolDefinition['inputSchema'],
    annotations: { ...HINTS[operation.effect], idempotentHint: operation.idempotent ?? operation.effect === 'read' },
  }
}

async function run<Store>(
  { operation, store, nowMs, callAs, relayAs, module, key }: Parts<Store>,
  visit: Visit,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(OPERATION_TIMEOUT_MS)
  const signal = AbortSignal.any([visit.signal, deadline])
  const scope: Scope<Store> = {
    caller: visit.caller,
    store,
    nowMs: nowMs(),
    signal,
    requestId: visit.requestId,
    visitId: visit.id,
    depth: visit.depth ?? 0,
    call: (name, input) => callAs(visit, name, input),
    relay: (name, args) => relayAs(visit, name, args),
    progress: (progress) => visit.progress?.(progress),
  }
  try {
    const output = await operation.run(visit.arguments, scope)
    return { kind: 'data', data: operation.output.parse(output) as Record<string, unknown> }
  } catch (thrown) {
    if (deadline.aborted && !(thrown instanceof Fault)) {
      throw new Fault('timeout', `${module}_${key} took longer than ${OPERATION_TIMEOUT_MS / 1_000} s and was stopped.`, {
        cause: thrown,
      })
    }
    throw thrown
  }
}
