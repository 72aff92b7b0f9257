import type { Caller } from '../../contract/caller.ts'
import type { Callable, Instructions, Listed, ListedKind, Tool } from '../../contract/tool.ts'
import type { Answer, Entry } from '../../contract/visit.ts'

/** What the server stands on: the door and the catalog, without knowing either. */
export interface Backend {
  /** The tools that a caller may call, sorted by name; the same array until something changed for this caller. */
  visible(caller: Caller): readonly Tool[]
  /** The same of prompts, resources and templates. */
  visibleListed(caller: Caller, kind: ListedKind): readonly Listed[]
  /** The same as one session is shown it, whose servers may list something else for it alone; the very same array where they do not. */
  shownTo<Item extends Tool | Listed>(
    sessionKey: string,
    caller: Caller,
    kind: 'tool' | ListedKind,
    visible: readonly Item[],
  ): readonly Item[]
  findTool(name: string): Tool | undefined
  findLocal(source: string, localName: string): Tool | undefined
  /** Anything that can be called, by the door's name for it. */
  find(name: string): Callable | undefined
  /** The door's names for what may have this URI, the likeliest first. @param source the only one that is meant; `undefined` for all */
  resourceNames(uri: string, source: string | undefined): readonly string[]
  /** What servers say of themselves. */
  instructions(): readonly Instructions[]
  /** Settles once all that is there after a start is known, or has been waited for long enough. */
  settled(): Promise<unknown>
  /** @throws Fault, never anything else */
  enter(caller: Caller, name: string, args: unknown, entry: Entry): Promise<Answer>
  /** A client session has ended; what was kept for its key may go. */
  sessionEnded(sessionKey: string): void
  /** A client's roots have changed; servers that know of them are to be told. */
  rootsChanged(sessionKey: string): void
}
