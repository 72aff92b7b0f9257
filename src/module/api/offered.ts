import type { OperationPlan } from '../../../queue/api.lane.ts'
import type { Effect } from '../../contract/tool.ts'
import type { OperationRow } from './api.schema.ts'
import type { Definition } from './definition.ts'
import type { ApiDocument, ApiOperation } from './document/api-document.ts'

/** One operation of an API as the gateway offers it: what the document says, and the operator's word over it. */
export interface Offered {
  readonly operation: ApiOperation
  /** Within its API. */
  readonly localName: string
  /** In the catalog. */
  readonly name: string
  readonly enabled: boolean
  readonly permit: string
  readonly effect: Effect
  readonly idempotent: boolean
  /** With the server that its requests go to. */
  readonly plan: OperationPlan
  /** Why it is no tool although it is enabled; undefined where it is one. */
  readonly reason: string | undefined
}

/** What an API is made of. */
export interface Parts {
  readonly alias: string
  readonly definition: Definition
  readonly document: ApiDocument
  readonly rows: readonly OperationRow[]
}

/** The name of an operation's tool in the catalog. */
export const toolNameOf = (alias: string, localName: string): string => `${alias}__${localName}`

/** All operations of a document, in its order. Pure. */
export function offeredOperations({ alias, definition, document, rows }: Parts): readonly Offered[] {
  const byKey = new Map(rows.map((row) => [row.operation_key, row]))
  const taken = new Set<string>()
  return document.operations.map((operation) => {
    const row = byKey.get(operation.key)
    const localName = row?.name ?? operation.toolName
    const name = toolNameOf(alias, localName)
    const enabled = row?.enabled !== 0
    const effect = row?.effect ?? operation.effect
    const isIdempotent = row?.idempotent === null || row === undefined ? operation.idempotent : row.idempotent === 1
    const serverUrl = serverOf(operation.plan.serverUrl, document, definition)
    const isTwin = enabled && taken.has(name)
    if (enabled) taken.add(name)
    return {
      operation,
      localName,
      name,
      enabled,
      permit: row?.permit ?? `tool:${name}`,
      effect,
      idempotent: effect === 'read' || isIdempotent,
      plan: { ...operation.plan, serverUrl: serverUrl ?? operation.plan.serverUrl },
      reason: isTwin ? `Another operation is called ${localName} already; rename one of them.` : whereTo(serverUrl, definition),
    }
  })
}

/** The document's own first server stands for the one that the operator chose; what an operation says of itself is kept. */
function serverOf(planned: string, { servers }: ApiDocument, { serverUrl }: Definition): string | undefined {
  const chosen = serverUrl.replace(/\/+$/, '')
  if (planned === '' || planned === servers[0]?.url) return chosen
  return URL.canParse(planned, chosen) ? new URL(planned, `${chosen}/`).href.replace(/\/+$/, '') : undefined
}

/** A document that was changed from outside must not lead the credential to somebody else. */
function whereTo(serverUrl: string | undefined, definition: Definition): string | undefined {
  if (serverUrl === undefined) return 'Its document names a server for it that is no address.'
  const { host, protocol } = new URL(serverUrl)
  const own = new URL(definition.serverUrl)
  if (host === own.host && protocol === own.protocol) return undefined
  if (protocol === 'https:' && definition.otherHosts.includes(host)) return undefined
  return `Its document sends it to ${protocol}//${host}, which is not where the API is. Name ${host} in otherHosts to allow that.`
}
