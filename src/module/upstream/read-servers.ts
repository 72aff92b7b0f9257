import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'

const ServersFile = z.union([
  z.looseObject({ mcpServers: z.record(z.string(), z.unknown()) }),
  // VS Code calls it so.
  z.looseObject({ servers: z.record(z.string(), z.unknown()) }),
])

/**
 * The servers of a JSON text as other programs write it: `{"mcpServers": {…}}` or `{"servers": {…}}`.
 *
 * @throws Fault `invalid`
 */
export function readServers(text: string): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Fault('invalid', `This is not JSON: ${(cause as Error).message.slice(0, 200)}`, { cause })
  }
  const parsed = ServersFile.safeParse(json)
  if (!parsed.success)
    throw new Fault('invalid', 'An object with a field "mcpServers" (or "servers") that maps names to servers was expected.')
  return ('mcpServers' in parsed.data ? parsed.data.mcpServers : parsed.data.servers) as Record<string, unknown>
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

/** Fields by which other programs say what we say otherwise, or that mean nothing here. */
const FOREIGN = new Set([
  'disabled',
  'alwaysAllow',
  'autoApprove',
  'description',
  'name',
  'timeout',
  'gallery',
  'version',
  'trust',
  'note',
  'notes',
])

/** A server as another program wrote it, in our words. Fields that only that program understands are left out. */
export function fromForeign(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  const { disabled } = raw as { disabled?: unknown }
  const known = Object.entries(raw).filter(([key]) => !FOREIGN.has(key))
  return { ...Object.fromEntries(known), ...(disabled === true && { enabled: false }) }
}
