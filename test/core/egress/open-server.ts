import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type EgressRules, egressSettings } from '../../../src/contract/egress.ts'

/** A server of a test, and what it heard. */
interface TestServer {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
}

/** Serve on a free port of loopback until the test ends. */
export async function openServer(answer: RequestListener): Promise<TestServer> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}` }
}

/** Rules under which these hosts may be reached over plain HTTP and any port. */
export const allowing = (...hosts: readonly string[]): EgressRules =>
  egressSettings.parse({ allow: hosts.map((host) => ({ host, http: true, ports: 'any' })) })
