import { z } from 'zod'

/** Of a prompt: texts, says MCP; what else a client sends is the server's to judge. */
export const PromptArguments = z.record(z.string(), z.unknown())

/** Of `resources/read`. A resource knows its URI itself. */
export const ResourceArguments = z.strictObject({ uri: z.string().min(1).max(8_192).optional() })

/** Of `completion/complete`; `ref` is known by the name that was entered with. */
export const CompletionArguments = z.strictObject({
  argument: z.looseObject({ name: z.string(), value: z.string() }),
  context: z.looseObject({}).optional(),
})

/** Of what is asked about a task: MCP method and params; the id in these is the one that was entered by. */
export const TaskArguments = z.strictObject({
  method: z.enum(['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update', 'tasks/list']),
  params: z.looseObject({}).default({}),
})

/** Of a subscription to a resource: whether it begins or ends. */
export const SubscriptionArguments = z.strictObject({ on: z.boolean(), uri: z.string().min(1).max(8_192).optional() })
