import type { House } from '../../contract/house.ts'
import type { Source, Tool } from '../../contract/tool.ts'
import { readDefinition } from './definition.ts'
import type { FunctionRows } from './function-rows.ts'
import { FunctionTool } from './function-tool.ts'

/** The functions that can be called, as tools. */
export interface Registry {
  readonly source: Source
  /** The tool of a function; undefined where it is not published, or disabled. */
  tool(name: string): FunctionTool | undefined
  /** Take over what is kept of a function. */
  refresh(name: string): Promise<void>
}

/** Build the tools of all functions that are published and enabled. */
export async function openRegistry(house: House, rows: FunctionRows): Promise<Registry> {
  const tools = new Map<string, FunctionTool>()
  const listeners = new Set<() => void>()
  let list: readonly Tool[] | undefined

  const load = async (name: string): Promise<FunctionTool | undefined> => {
    const row = await rows.find(name)
    if (!row?.enabled || row.current_version === null) return undefined
    const version = await rows.version(row.id, row.current_version)
    if (!version) return undefined
    const definition = readDefinition(version.definition)
    return new FunctionTool(house, {
      functionId: row.id,
      name,
      version: version.version,
      hash: version.source_hash,
      definition,
    })
  }
  const takeOver = async (name: string): Promise<void> => {
    const before = tools.get(name)
    const tool = await load(name)
    const same = before?.runnable.functionId === tool?.runnable.functionId && before?.runnable.version === tool?.runnable.version
    if (!same) {
      if (tool) tools.set(name, tool)
      else tools.delete(name)
      list = undefined
      for (const listener of listeners) listener()
    }
    house.events.publish('function', { name })
  }
  // One after another, so that what was read first is never taken over last.
  let turn: Promise<unknown> = Promise.resolve()
  const refresh = (name: string): Promise<void> => {
    const mine = turn.then(() => takeOver(name))
    turn = mine.catch(() => undefined)
    return mine
  }
  for (const { name } of await rows.all()) {
    const tool = await load(name)
    if (tool) tools.set(name, tool)
  }
  return {
    tool: (name) => tools.get(name),
    refresh,
    source: {
      list: () => (list ??= [...tools.values()]),
      onChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  }
}
