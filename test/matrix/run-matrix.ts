import { type Gateway, startGateway } from '../conformance/gateway.ts'
import { examine } from './examine.ts'
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
  const tables = runnables.map(({ server, command }) => [server.alias, { transport: 'stdio', ...command }] as const)
  return startGateway(dir, 'operator', Object.fromEntries(tables))
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
