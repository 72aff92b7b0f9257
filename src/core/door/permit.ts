import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { Callable } from '../../contract/tool.ts'

/** Whether a caller may call something. The only place that decides it, for calls and for every list. */
export const may = (caller: Caller, { permit }: Callable): boolean => permit === undefined || caller.grants.allows(permit)

/** Stage 3. @throws Fault `forbidden`, naming the right that is missing and nothing else about the tool */
export function permit(caller: Caller, tool: Callable): void {
  if (may(caller, tool)) return
  throw new Fault(
    'forbidden',
    `${caller.name} may not call ${tool.name}: it needs the right ${tool.permit}. Ask an administrator to grant it, or use a token whose scope includes it.`,
    { data: { permit: tool.permit } },
  )
}
