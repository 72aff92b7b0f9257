import { apiLane } from '../../../queue/api.lane.ts'
import { placeOf } from '../../contract/caller.ts'
import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Effect, Tool, ToolDefinition } from '../../contract/tool.ts'
import type { Answer, Visit } from '../../contract/visit.ts'
import { byFixed, mayMeet } from '../../core/egress/path-template.ts'
import { type ArgumentJudge, createArgumentJudge } from '../../core/schema/argument-judge.ts'
import { answerOf } from './answer-of.ts'
import type { CredentialKey } from './credential-keys.ts'
import type { Definition } from './definition.ts'
import { withKeptFiles } from './kept-files.ts'
import type { Offered } from './offered.ts'
import { toldSchema } from './told-schema.ts'

/** How long the lane waits beyond the request's own deadline, in ms, so that the task gets to say what happened. */
const GRACE_MS = 2_000

/** What all requests of an API have. */
export interface ApiGround {
  readonly house: House
  readonly apiId: number
  readonly alias: string
  readonly definition: Definition
  readonly asksCredential: boolean
  readonly credentialKey: CredentialKey
}

/** What of a request is the same for calls and for requests in the API's own shape. */
export function commonOf(
  { apiId, alias, definition, asksCredential, credentialKey }: ApiGround,
  visit: Visit,
  isRepeatable: boolean,
) {
  const { caller, requestId, traceparent } = visit
  const { timeoutMs, maxAnswerBytes, answerHeaders } = definition
  const actor = { id: caller.id, name: caller.name }
  return {
    ...{ apiId, alias, requestId, traceparent: traceparent ?? null, actor },
    ...{ timeoutMs, maxAnswerBytes, isRepeatable, answerHeaders, asksCredential, credentialKey: credentialKey() },
  }
}

/** What goes with a request's payload. Only what may be sent twice is tried again after a worker died. */
export const jobOptions = ({ definition }: ApiGround, { caller, signal }: Visit, isRepeatable: boolean) => ({
  token: placeOf(caller),
  signal,
  timeoutMs: definition.timeoutMs + GRACE_MS,
  maxAttempts: isRepeatable ? 2 : 1,
})

/** An operation of an API as the catalog holds it. */
export class ApiTool implements Tool {
  readonly kind = 'dynamic'
  readonly source: string
  readonly name: string
  readonly localName: string
  readonly permit: string
  readonly effect: Effect
  readonly idempotent: boolean
  readonly definition: ToolDefinition
  readonly #ground: ApiGround
  readonly #offered: Offered
  readonly #judge: ArgumentJudge
  readonly #others: readonly Offered[]
  #rivals: string[] | undefined

  /** @param others all operations of the API, also those that are switched off */
  constructor(ground: ApiGround, offered: Offered, others: readonly Offered[]) {
    this.#others = others
    this.#ground = ground
    this.#offered = offered
    this.source = ground.alias
    this.name = offered.name
    this.localName = offered.localName
    this.permit = offered.permit
    this.effect = offered.effect
    this.idempotent = offered.idempotent
    this.definition = listed(offered)
    this.#judge = createArgumentJudge(offered.operation.inputSchema)
  }

  parse(raw: unknown): unknown {
    const args = raw ?? {}
    if (typeof args !== 'object' || Array.isArray(args))
      throw new Fault('invalid', `The arguments of ${this.name} must be an object.`, { details: NO_OBJECT })
    this.#judge(args)
    return args
  }

  async run(visit: Visit): Promise<Answer> {
    const { house, definition } = this.#ground
    const { plan, idempotent, operation } = this.#offered
    this.#rivals ??= rivalsOf(this.#offered, this.#others)
    const args = await withKeptFiles(house, plan, visit)
    const payload = {
      kind: 'call',
      ...commonOf(this.#ground, visit, idempotent),
      plan,
      arguments: args,
      rivals: this.#rivals,
    } as const
    const answered = await house.queue.run(apiLane, payload, jobOptions(this.#ground, visit, idempotent))
    return answerOf(answered, {
      toolName: this.name,
      requestId: visit.requestId,
      promisesObject: operation.outputSchema !== null,
      maxAnswerBytes: definition.maxAnswerBytes,
    })
  }
}

/** Addresses that a value in an operation's own path could turn it into, whichever server of the API they stand below. */
function rivalsOf({ plan: { method, serverUrl, path } }: Offered, others: readonly Offered[]): string[] {
  const own = `${serverUrl}${path}`
  return others
    .filter(({ plan }) => plan.method === method)
    .map(({ plan }) => `${plan.serverUrl}${plan.path}`)
    .filter((rival) => byFixed(rival, own) < 0 && mayMeet(own, rival))
}

const NO_OBJECT: readonly FaultDetail[] = [{ path: '', message: 'An object was expected' }]

function listed({ name, operation, effect, idempotent }: Offered): ToolDefinition {
  const { summary, description, inputSchema, outputSchema } = operation
  const about = description === '' ? summary : description
  return {
    name,
    ...(summary !== '' && { title: summary }),
    ...(about !== '' && { description: about }),
    inputSchema,
    ...(outputSchema !== null && { outputSchema: toldSchema(outputSchema) }),
    annotations: {
      readOnlyHint: effect === 'read',
      ...(effect !== 'read' && { destructiveHint: effect === 'erase' }),
      idempotentHint: idempotent,
      openWorldHint: true,
    },
  }
}
