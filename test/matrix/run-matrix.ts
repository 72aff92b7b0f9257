import { type Gateway, startGateway } from '../conformance/gateway.ts'
import { examine, MARK } from './examine.ts'
import type { Command } from './install.ts'
import type { MatrixRow } from './matrix-row.ts'
import type { RealServer } from './real-servers.ts'

/** A server and how it is run. */
export interface Runnable {
  readonly server: RealServer
  readonly command: Command
}

/** Start a gateway with all of these behind it. @param dir an empty folder of its own */
export function startMatrixGateway(dir: string, runnables: readonly Runnable[]): Promise<Gateway> {
  const variables: Record<string, string> = {}
  const tables = runnables.map(({ server: { alias }, command }) => {
    const env = Object.entries(command.env).map(([name, value]) => {
      // A definition holds no credentials, not even those that open nothing.
      const variable = `MATRIX_${alias}_${name}`.toUpperCase()
      variables[variable] = value
      return [name, `env:${variable}`] as const
    })
    return [alias, { transport: 'stdio', ...command, env: { ...Object.fromEntries(env), [MARK]: alias } }] as const
  })
  return startGateway(dir, 'operator', Object.fromEntries(tables), variables)
}

/** Examine one after the other, because each of them is a process of some size. */
export async function runMatrix(
  gateway: Gateway,
  runnables: readonly Runnable[],
  note: (line: string) => void,
): Promise<MatrixRow[]> {
  const rows: MatrixRow[] = []
  for (const { server, command } of runnables) {
    note(server.package)
    rows.push(await examine(server, command, gateway))
  }
  return rows
}
