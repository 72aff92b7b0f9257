import { resolve } from 'node:path'
import type { RawConfig } from '../config/environment.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { Refusal } from '../config/refusal.ts'
import { egressSettings } from '../contract/egress.ts'
import { modules } from '../module/index.ts'
import { type HttpSettings, httpSettings, isLoopback, isSecure } from '../transport/http-settings.ts'
import type { CommonFlags } from './program.ts'

/** Flags of the commands that listen. */
export interface ListenFlags extends CommonFlags {
  readonly host?: string
  readonly port?: number
  readonly logLevel?: string
}

/** A configuration whose `[http]` section is typed. */
export interface FrontConfig extends Config {
  readonly http: HttpSettings
}

/**
 * Read configuration file, environment and flags.
 *
 * @param preset further sections that win over file and environment, as flags do
 * @throws Refusal
 */
export function configure(flags: ListenFlags, preset: RawConfig = {}): FrontConfig {
  const schemas = Object.fromEntries(modules.flatMap(({ name, settings }) => (settings ? [[name, settings]] : [])))
  const config = loadConfig({
    file: flags.config,
    env: process.env,
    flags: {
      ...preset,
      gatehouse: {
        ...(flags.data !== undefined && { dataDir: resolve(flags.data) }),
        ...(flags.logLevel !== undefined && { logLevel: flags.logLevel }),
      },
      http: { ...(flags.host !== undefined && { host: flags.host }), ...(flags.port !== undefined && { port: flags.port }) },
    },
    schemas: { ...schemas, http: httpSettings, egress: egressSettings },
  })
  const http = config.sections['http'] as HttpSettings
  refuseOpenBind(http)
  return { ...config, http }
}

function refuseOpenBind(http: HttpSettings): void {
  if (isLoopback(http.host) || isSecure(http) || http.acknowledgeNoTls) return
  throw new Refusal(
    `[http] host is ${http.host}, which other machines can reach, but nothing says that the traffic is encrypted. Set publicUrl to the https address of the proxy before it, or acknowledgeNoTls = true if something else protects the network; or bind to 127.0.0.1.`,
  )
}
