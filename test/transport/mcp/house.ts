import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createHttp } from '../../../src/transport/http.ts'
import { type HttpSettings, httpSettings } from '../../../src/transport/http-settings.ts'
import { openWorld, type World } from '../../mcp/server/world.ts'

/** A world behind the real HTTP server. */
export interface House extends World {
  /** Without a trailing slash. */
  readonly url: string
  /** Close the port as a stopping gateway does. */
  close(): Promise<void>
}

/** Open the demo world with all transports on a free port. */
export async function openHouse(http: Partial<HttpSettings> = {}): Promise<House> {
  const world = await openWorld()
  let url = ''
  const { app } = createHttp({
    gatehouse: world.gatehouse,
    http: { ...httpSettings.parse({ port: 0 }), ...http },
    url: () => url,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    await app.close()
  }
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await close()
  })
  return { ...world, url, close }
}
