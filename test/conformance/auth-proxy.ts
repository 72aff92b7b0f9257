import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that is open. */
export interface AuthProxy {
  readonly port: number
  close(): void
}

/**
 * Passes everything on to a port of loopback as it came, Host and Origin included, with a bearer token added.
 *
 * The suite has no way to send credentials of its own.
 */
export async function startAuthProxy(targetPort: number, token: string): Promise<AuthProxy> {
  const server = createServer((req, res) => {
    const headers = { ...req.headers, authorization: `Bearer ${token}` }
    const onward = httpRequest({ port: targetPort, host: '127.0.0.1', method: req.method, path: req.url, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers)
      res.flushHeaders()
      answer.pipe(res)
    })
    onward.once('error', () => res.destroy())
    res.once('close', () => onward.destroy())
    req.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
