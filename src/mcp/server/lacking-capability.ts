import { isRecord } from './message.ts'

type Params = Readonly<Record<string, unknown>>

/**
 * What a client would have to declare to be asked this, as MCP `ClientCapabilities`; `undefined` where it has declared it.
 *
 * A method that is no question at all lacks everything: `{}`.
 */
export function lackingCapability(capabilities: Params, method: string, params: unknown): Params | undefined {
  const asked = isRecord(params) ? params : {}
  if (method === 'roots/list') return isRecord(capabilities['roots']) ? undefined : { roots: {} }
  if (method === 'sampling/createMessage') return lackingSampling(capabilities['sampling'], asked)
  if (method === 'elicitation/create') return lackingElicitation(capabilities['elicitation'], asked)
  return {}
}

function lackingSampling(declared: unknown, { tools, toolChoice }: Params): Params | undefined {
  if (!isRecord(declared)) return { sampling: {} }
  const needsTools = tools !== undefined || toolChoice !== undefined
  return needsTools && !isRecord(declared['tools']) ? { sampling: { tools: {} } } : undefined
}

/** One that names no mode means forms only (MCP 2025-11-25, elicitation). */
function lackingElicitation(declared: unknown, { mode }: Params): Params | undefined {
  if (!isRecord(declared)) return { elicitation: mode === 'url' ? { url: {} } : {} }
  if (mode === 'url') return isRecord(declared['url']) ? undefined : { elicitation: { url: {} } }
  return isRecord(declared['form']) || !isRecord(declared['url']) ? undefined : { elicitation: { form: {} } }
}
