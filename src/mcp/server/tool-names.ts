import type { Tool } from '../../contract/tool.ts'
import type { Backend } from './backend.ts'

/** A tool's name at an address: its own at `/mcp`, the plain one where a single source is served. */
export const shownName = (tool: Tool, source: string | undefined): string => (source === undefined ? tool.name : tool.localName)

/** The tool that a client means by a name. */
export const findTool = (backend: Backend, name: string, source: string | undefined): Tool | undefined =>
  source === undefined ? backend.find(name) : backend.findLocal(source, name)

/** The name to enter the door with. One that the source does not have is spelt so that no tool can have it, and is refused and recorded there. */
export const enteredName = (backend: Backend, name: string, source: string | undefined): string =>
  source === undefined ? name : (backend.findLocal(source, name)?.name ?? `${source}/${name}`)
