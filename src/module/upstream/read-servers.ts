import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'

const Servers = z.record(z.string(), z.unknown())

/** The names that programs have for the same. */
const ServersFile = z.union([
  z.looseObject({ mcpServers: Servers }).transform((file) => file.mcpServers),
  // VS Code, in a file of its own and among its settings.
  z.looseObject({ servers: Servers }).transform((file) => file.servers),
  z.looseObject({ mcp: z.looseObject({ servers: Servers }) }).transform((file) => file.mcp.servers),
  // Zed.
  z.looseObject({ context_servers: Servers }).transform((file) => file.context_servers),
])

/**
 * The servers of a JSON text as other programs write it: `{"mcpServers": {…}}`, `{"servers": {…}}` and their like.
 *
 * @throws Fault `invalid`
 */
export function readServers(text: string): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const why = (cause as Error).message.slice(0, 200)
    throw new Fault('invalid', `This is not JSON: ${why}. Comments and commas at the end of a list have to go.`, { cause })
  }
  const parsed = ServersFile.safeParse(json)
  if (!parsed.success)
    throw new Fault('invalid', 'An object with a field "mcpServers" (or "servers") that maps names to servers was expected.')
  return parsed.data
}

/** The servers of a file; a file that is not there holds none. @returns the servers, or why there are none */
export async function readServersFile(
  path: string,
): Promise<{ readonly servers: Readonly<Record<string, unknown>>; readonly fault: string | undefined }> {
  try {
    return { servers: readServers(await readFile(path, 'utf8')), fault: undefined }
  } catch (thrown) {
    const fault =
      thrown instanceof Fault
        ? thrown.message
        : `It cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown reason'}).`
    return { servers: {}, fault }
  }
}
