import { judgeServer } from './judge-server.ts'
import { fromForeign, readServersFile } from './read-servers.ts'
import type { UpstreamSettings } from './upstream.settings.ts'

/** The servers that a configuration names, not judged yet. */
export interface ConfiguredServers {
  readonly servers: ReadonlyMap<string, unknown>
  /** Why the servers file holds none. */
  readonly fileFault: string | undefined
  /** In the servers file too, where they are ignored. */
  readonly twice: readonly string[]
}

/** Those of `servers`, and beside them those of `serversFile`. */
export async function configuredServers(settings: Pick<UpstreamSettings, 'servers' | 'serversFile'>): Promise<ConfiguredServers> {
  const servers = new Map(Object.entries(settings.servers))
  if (settings.serversFile === undefined) return { servers, fileFault: undefined, twice: [] }
  const { servers: more, fault } = await readServersFile(settings.serversFile)
  const twice = Object.keys(more).filter((alias) => servers.has(alias))
  for (const [alias, raw] of Object.entries(more)) if (!servers.has(alias)) servers.set(alias, fromForeign(raw))
  return { servers, fileFault: fault, twice }
}

/** What the start would complain about, one sentence each; connects nothing. `broken` keeps a server from working, `odd` is worth a look. */
export async function complaints(
  settings: Pick<UpstreamSettings, 'servers' | 'serversFile'>,
): Promise<{ readonly broken: readonly string[]; readonly odd: readonly string[] }> {
  const { servers, fileFault, twice } = await configuredServers(settings)
  const broken = [...servers].flatMap(([alias, raw]) => {
    const judged = judgeServer(alias, raw)
    return typeof judged === 'string' ? [`upstream ${alias}: ${judged}`] : []
  })
  const unread = fileFault === undefined ? [] : [`serversFile ${settings.serversFile}: ${fileFault}`]
  return {
    broken,
    odd: [...unread, ...twice.map((alias) => `upstream ${alias} is in serversFile as well, where it is ignored.`)],
  }
}
