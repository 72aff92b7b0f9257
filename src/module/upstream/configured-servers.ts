import { Fault } from '../../contract/fault.ts'
import { toAlias } from './alias.ts'
import { fromForeign } from './from-foreign.ts'
import { judgeServer } from './judge-server.ts'
import { readServersFile } from './read-servers.ts'
import type { UpstreamSettings } from './upstream.settings.ts'

/** The servers that a configuration names, not judged yet. */
export interface ConfiguredServers {
  /** One that cannot be put into our words is the fault that says why. */
  readonly servers: ReadonlyMap<string, unknown>
  /** Why the servers file holds none. */
  readonly fileFault: string | undefined
  /** Named again by the servers file, where they are ignored. */
  readonly twice: readonly string[]
}

/** Those of `servers`, and beside them those of `serversFile` under the nearest aliases. */
export async function configuredServers(settings: Pick<UpstreamSettings, 'servers' | 'serversFile'>): Promise<ConfiguredServers> {
  const servers = new Map(Object.entries(settings.servers))
  if (settings.serversFile === undefined) return { servers, fileFault: undefined, twice: [] }
  const { servers: more, fault } = await readServersFile(settings.serversFile)
  const twice: string[] = []
  for (const [name, raw] of Object.entries(more)) {
    // Other programs name servers as they like; a name of which nothing is left stays, to be refused by its own name.
    const alias = toAlias(name) || name
    if (servers.has(alias)) twice.push(alias)
    else
      servers.set(
        alias,
        orFault(() => fromForeign(raw)),
      )
  }
  return { servers, fileFault: fault, twice }
}

function orFault(read: () => unknown): unknown {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
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
    odd: [...unread, ...twice.map((alias) => `upstream ${alias} is named again in serversFile, where it is ignored.`)],
  }
}
