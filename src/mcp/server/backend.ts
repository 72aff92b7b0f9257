import type { Caller } from '../../contract/caller.ts'
import type { Tool } from '../../contract/tool.ts'
import type { Answer, Entry } from '../../contract/visit.ts'

/** What the server stands on: the door and the catalog, without knowing either. */
export interface Backend {
  /** What a caller may call, sorted by name; the same array until something changed for this caller. */
  visible(caller: Caller): readonly Tool[]
  find(name: string): Tool | undefined
  findLocal(source: string, localName: string): Tool | undefined
  /** @throws Fault, never anything else */
  enter(caller: Caller, toolName: string, args: unknown, entry: Entry): Promise<Answer>
  /** A client session has ended; what was kept for its key may go. */
  sessionEnded(sessionKey: string): void
}
