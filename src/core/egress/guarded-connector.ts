import { createRequire } from 'node:module'
import type { buildConnector } from 'undici'
import type { EgressRules } from '../../contract/egress.ts'
import { guardedLookup, type Resolver, systemResolver } from './guarded-lookup.ts'
import { type EgressScope, judgeAddress, judgeUrl } from './judge-url.ts'

const require = createRequire(import.meta.url)

/** How connections are made. */
interface ConnectorOptions {
  readonly rules: EgressRules
  /** Default `guarded`. */
  readonly scope?: EgressScope
  /** Until a connection stands, TLS included. Default 5 s. */
  readonly timeoutMs?: number
  /** Offer HTTP/2 over TLS. Default false. */
  readonly http2?: boolean
  /** Default the system's. */
  readonly resolve?: Resolver
}

/**
 * Opens the sockets of an undici dispatcher, and none that the rules do not allow. Scheme, port and every address are judged for each
 * connection, so no way to a socket passes the guard by.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { rules, scope = 'guarded', timeoutMs = 5_000, http2 = false, resolve = systemResolver } = options
  // Loaded with the first connection, and without the rest of undici, which is 6 MB that a front never needs.
  const build = require('undici/lib/core/connect.js') as typeof buildConnector
  return (target, callback) => {
    try {
      const { protocol, hostname, port } = target
      const passage = judgeUrl(rules, { protocol, hostname, port: port ?? '' }, scope)
      const open = build({ lookup: guardedLookup(passage, resolve), timeout: timeoutMs, allowH2: http2 })
      open(target, (...[error, socket]) => {
        if (error) return callback(error, null)
        try {
          // What is written out never passes a lookup; and whatever was looked up, this is who answers.
          if (socket.remoteAddress !== undefined) judgeAddress(passage, socket.remoteAddress)
          callback(null, socket)
        } catch (thrown) {
          socket.destroy()
          callback(thrown as Error, null)
        }
      })
    } catch (thrown) {
      callback(thrown as Error, null)
    }
  }
}
