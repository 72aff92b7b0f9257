import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError } from '../rpc.ts'
import { takesTasks } from './lists.ts'
import type { Turn } from './method.ts'
import { REVISIONS } from './revision.ts'
import type { Target } from './target.ts'

/**
 * What is wrong with a request for a task that its tool never answers with (MCP 2025-11-25, tasks, tool-level negotiation). Where no task was
 * ever declared, the wish means nothing, and nothing is wrong.
 */
export function strayTask(
  { state: { backend, lists }, caller, session }: Turn,
  { task }: Readonly<Record<string, unknown>>,
  { name }: Target,
): Fault | undefined {
  if (task === undefined || !REVISIONS[session.revision].tasks || !lists.hasTasks(caller, session.source)) return undefined
  const tool = backend.findTool(name)
  if (tool === undefined || takesTasks(tool)) return undefined
  const message = `${name} is never called as a task. Leave out the field task, and the answer is the result.`
  return new Fault('invalid', message, { cause: new RpcError(RPC.methodNotFound, message) })
}
