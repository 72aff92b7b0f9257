import type { AddressInfo } from 'node:net'
import { Refusal } from '../config/refusal.ts'
import type { Gatehouse } from '../core/gatehouse.ts'
import type { Logger } from '../core/logger.ts'
import { createHttp, type Http } from '../transport/http.ts'
import type { HttpSettings } from '../transport/http-settings.ts'
import { releaseYoungGeneration } from './young-generation.ts'

/** How long open connections may take to close once visits are drained, in ms. */
const CLOSE_MS = 5_000

/** A gateway that listens. */
export interface Serving {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /**
   * Drain, close connections, stop services, close stores.
   *
   * @param maxDrainMs where visits in flight may not have all the time that is configured
   */
  stop(maxDrainMs?: number): Promise<void>
}

/** Open the port first, then start what may be slow (upstreams), so that health checks answer at once. */
export async function serve(gatehouse: Gatehouse, settings: HttpSettings, logger: Logger): Promise<Serving> {
  let url = settings.publicUrl?.replace(/\/$/, '') ?? ''
  const http = createHttp({ gatehouse, http: settings, url: () => url })
  await listen(http, settings)
  const { port } = http.app.server.address() as AddressInfo
  url ||= `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  logger.log.info({ url, pid: process.pid }, 'gatehouse.ready')
  await gatehouse.start()
  releaseYoungGeneration()
  return {
    url,
    port,
    stop: (maxDrainMs = settings.drainMs) => stop(gatehouse, http, Math.min(maxDrainMs, settings.drainMs), logger),
  }
}

async function listen({ app }: Http, { host, port }: HttpSettings): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new Refusal(
        `Port ${port} on ${host} is taken by another program. Choose another with --port, or stop that program.`,
        { cause },
      )
    }
    if (code === 'EACCES')
      throw new Refusal(`Port ${port} on ${host} may not be opened by this user. Choose one above 1023 with --port.`, { cause })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new Refusal(`[http] host is ${host}, which is no address of this machine. Use 127.0.0.1, or one that it has.`, {
        cause,
      })
    }
    throw cause
  }
}

async function stop(gatehouse: Gatehouse, http: Http, drainMs: number, logger: Logger): Promise<void> {
  http.drain()
  const drained = await gatehouse.door.drain(drainMs)
  if (!drained) logger.log.warn({ inFlight: gatehouse.door.inFlight }, 'stop.visits_cut')
  const hurry = setTimeout(() => http.app.server.closeAllConnections(), CLOSE_MS)
  await http.app.close()
  clearTimeout(hurry)
  await gatehouse.stop()
  logger.log.info({}, 'gatehouse.stopped')
}
