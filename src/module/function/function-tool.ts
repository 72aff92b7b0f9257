import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Tool, ToolDefinition } from '../../contract/tool.ts'
import type { Answer, Visit } from '../../contract/visit.ts'
import { type ArgumentJudge, createArgumentJudge } from '../../core/schema/argument-judge.ts'
import { answerOf } from './answer-of.ts'
import { type Definition, isRepeatable } from './definition.ts'
import { invoke, type Runnable } from './invoke.ts'

/** The source of all functions, beside upstreams and modules. */
const SOURCE = 'fn'

/** What a function's tool is called. */
export const toolNameOf = (name: string): string => `${SOURCE}__${name}`

/** A published function as the catalog holds it. A call runs the version that was current when it began. */
export class FunctionTool implements Tool {
  readonly kind = 'dynamic'
  readonly source = SOURCE
  readonly name: string
  readonly localName: string
  readonly permit: string
  readonly effect: Tool['effect']
  readonly idempotent: boolean
  readonly definition: ToolDefinition
  readonly runnable: Runnable
  readonly #house: House
  readonly #judge: ArgumentJudge

  constructor(house: House, runnable: Runnable) {
    const { name, definition } = runnable
    this.#house = house
    this.runnable = runnable
    this.name = toolNameOf(name)
    this.localName = name
    this.permit = `tool:${this.name}`
    this.effect = definition.effect
    this.idempotent = isRepeatable(definition)
    this.definition = listed(this.name, definition)
    this.#judge = createArgumentJudge(definition.inputSchema)
  }

  parse(raw: unknown): unknown {
    const args = raw ?? {}
    if (typeof args !== 'object' || Array.isArray(args))
      throw new Fault('invalid', `The arguments of ${this.name} must be an object.`, { details: NO_OBJECT })
    this.#judge(args)
    return args
  }

  async run(visit: Visit): Promise<Answer> {
    const { caller, requestId, sessionKey, signal, depth = 0, id: visitId } = visit
    const asking = { caller, asked: 'call', requestId, sessionKey, depth, visitId } as const
    const { outcome } = await invoke(this.#house, this.runnable, visit.arguments, asking, { signal })
    return answerOf(this.name, outcome)
  }
}

const NO_OBJECT: readonly FaultDetail[] = [{ path: '', message: 'An object was expected' }]

function listed(name: string, definition: Definition): ToolDefinition {
  const { title, description, inputSchema, outputSchema, effect } = definition
  return {
    name,
    ...(title && { title }),
    ...(description && { description }),
    inputSchema,
    // Clients take none but schemas of objects (MCP 2025-11-25, `Tool`); any other is held to in the sandbox all the same.
    ...(outputSchema?.['type'] === 'object' && { outputSchema }),
    annotations: {
      readOnlyHint: effect === 'read',
      ...(effect !== 'read' && { destructiveHint: effect === 'erase' }),
      idempotentHint: isRepeatable(definition),
    },
  }
}
