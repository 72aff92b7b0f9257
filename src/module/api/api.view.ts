import type { z } from 'zod'
import type { EgressRules } from '../../contract/egress.ts'
import { toAlias } from './alias.ts'
import type { ApiDetail, ApiOperationDetail, ApiOperationShape, ApiSummary, Preview } from './api.shapes.ts'
import { shownCredential } from './credential-fields.ts'
import type { ApiDocument } from './document/api-document.ts'
import type { Offered } from './offered.ts'
import type { RegisteredApi } from './registry.ts'
import type { ReadText } from './stored-version.ts'
import { unreachable } from './unreachable.ts'

type Summary = z.input<typeof ApiSummary>

/** What a list shows of one. */
export function summarise(api: RegisteredApi): Summary {
  const { row, definition, document, offered, tools, credential } = api
  return {
    alias: row.alias,
    title: definition.title || document.title,
    state: stateOf(api),
    enabled: row.enabled === 1,
    serverUrl: definition.serverUrl,
    credentialKind: credential.kind,
    version: row.current_version,
    heldVersion: row.held_version,
    toolCount: tools.length,
    offCount: offered.filter(({ enabled }) => !enabled).length,
    leftOutCount: offered.filter(({ enabled, reason }) => enabled && reason !== undefined).length,
    problemCount: document.problems.filter(({ severity }) => severity === 'error').length,
    sourceUrl: row.source_url,
    fetchedAt: row.fetched_at,
    fetchFault: row.fetch_fault,
    updatedAt: row.updated_at,
  }
}

/** What a page of its own shows. */
export function detail(api: RegisteredApi): z.input<typeof ApiDetail> {
  const { row, definition, document, credential, offered } = api
  return {
    ...summarise(api),
    format: document.format,
    documentTitle: document.title,
    documentVersion: document.version,
    description: document.description,
    settings: definition,
    credential: shownCredential(credential),
    servers: shownServers(document),
    securitySchemes: document.securitySchemes.map((scheme) => ({ ...scheme })),
    operations: offered.map((one) => shownOperation(api, one)),
    problems: [...document.problems],
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}

/** One operation in the list of its API. */
function shownOperation({ row, operations }: RegisteredApi, one: Offered): z.input<typeof ApiOperationShape> {
  const { key, summary, tags, isDeprecated } = one.operation
  const set = operations.find(({ operation_key }) => operation_key === key)
  return {
    key,
    tool: one.name,
    summary,
    tags,
    effect: one.effect,
    idempotent: one.idempotent,
    permit: one.permit,
    enabled: one.enabled,
    offered: row.enabled === 1 && one.enabled && one.reason === undefined,
    reason: one.reason ?? null,
    isDeprecated,
    changed: set !== undefined && [set.name, set.permit, set.effect, set.idempotent].some((value) => value !== null),
  }
}

/** One operation with its schemas. */
export function operationDetail(api: RegisteredApi, one: Offered): z.input<typeof ApiOperationDetail> {
  const { description, toolName, effect, inputSchema, outputSchema } = one.operation
  return {
    ...shownOperation(api, one),
    description,
    documentName: toolName,
    documentEffect: effect,
    own: ownOf(api, one),
    server: one.plan.serverUrl,
    method: one.plan.method,
    path: one.plan.path,
    inputSchema: { ...inputSchema },
    outputSchema: outputSchema === null ? null : { ...outputSchema },
  }
}

function ownOf({ operations }: RegisteredApi, { operation }: Offered): z.input<typeof ApiOperationDetail>['own'] {
  const set = operations.find(({ operation_key }) => operation_key === operation.key)
  const { name = null, permit = null, effect = null, idempotent = null } = set ?? {}
  return { name, permit, toolEffect: effect, idempotent: idempotent === null ? null : idempotent === 1 }
}

/** What a document would become. */
export function previewOf(
  preview: string,
  { url, document }: Pick<ReadText, 'url' | 'document'>,
  rules: EgressRules,
): z.input<typeof Preview> {
  const { format, title, version, description, problems } = document
  return {
    preview,
    url,
    format,
    title,
    version,
    description,
    alias: toAlias(title),
    servers: shownServers(document),
    securitySchemes: document.securitySchemes.map((scheme) => ({ ...scheme })),
    operations: document.operations.map(({ key, toolName, summary, tags, effect, isDeprecated }) => ({
      ...{ key, name: toolName, summary, tags, effect, isDeprecated },
    })),
    problems: [...problems, ...unreachable(document, rules)],
  }
}

const shownServers = ({ servers }: ApiDocument) => servers.map((server) => ({ ...server, variables: [...server.variables] }))

function stateOf({ row }: RegisteredApi): Summary['state'] {
  if (row.enabled === 0) return 'disabled'
  if (row.held_version !== null) return 'waiting'
  return row.fetch_fault === null ? 'ready' : 'failing'
}
