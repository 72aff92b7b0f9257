import { isGatewayHeader } from '../../../core/egress/gateway-header.ts'
import type { ApiServer } from './api-document.ts'
import type { FoundOperation } from './find-operations.ts'
import { bodyKindOf, isMediaType } from './media-types.ts'
import { Misfit } from './misfit.ts'
import type { BodyDraft, OperationDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import type { ReadExchange } from './read-operation.ts'
import { securityOf } from './read-security.ts'
import { serverUrlOf } from './read-servers.ts'
import { inside, type Site } from './site.ts'

const MOST_PARAMETERS = 300
/** What a request says by its plan or its credential, whatever its arguments are. */
const PLANNED_HEADERS = new Set(['accept', 'content-type', 'authorization', 'cookie'])
/** Names under which documents ask for the credential in each call. */
const CREDENTIAL = /^(?:access_?token|auth_?token|token|api_?key|authorization)$/i

/** What all operations of a document are read with. */
export interface Draftsman {
  readonly parts: Parts
  readonly problems: ProblemList
  readonly url: string | null
  readonly servers: readonly ApiServer[]
  /** Operations have no servers of their own. */
  readonly isFixed: boolean
  readonly readExchange: ReadExchange
  /** Parameters that carry a credential, as `query api_key`. */
  readonly keys: ReadonlySet<string>
}

/** An operation as the document says it. @throws Misfit when no call of it could be made */
export function draftOperation(found: FoundOperation, draftsman: Draftsman): OperationDraft {
  const { key, method, path, site, pathItem } = found
  const { parts, problems, url, servers, isFixed, readExchange } = draftsman
  const exchange = readExchange(site, pathItem, parts, problems)
  const parameters = atMost(exchange.parameters, inside(site, 'parameters'), problems)
  const hasBody = method !== 'HEAD' && method !== 'TRACE'
  if (exchange.body && !hasBody) problems.warn(site, `A ${method} request has no body; it is left out.`)
  if (exchange.body && method === 'GET') problems.warn(site, 'Some servers do not read the body of a GET request.')
  return {
    key,
    method,
    path,
    site,
    serverUrl: serverUrlOf(isFixed ? [] : [site, pathItem], servers, url, problems),
    ...exchange,
    parameters: inPath(found, parameters, problems)
      .filter(isCallers)
      .map((each) => withoutNeed(each, site, draftsman)),
    body: hasBody && exchange.body ? withOwnType(exchange.body, exchange.parameters) : null,
  }
}

/** Those that a call needs, and further ones in their order. @throws Misfit */
function atMost(all: readonly ParameterDraft[], site: Site, problems: ProblemList): readonly ParameterDraft[] {
  if (all.length <= MOST_PARAMETERS) return all
  const needed = all.filter(({ isRequired }) => isRequired)
  if (needed.length > MOST_PARAMETERS) throw new Misfit(site, `More than ${MOST_PARAMETERS} parameters.`)
  problems.warn(site, `Only ${MOST_PARAMETERS} of its ${all.length} parameters are offered.`)
  const further = new Set(all.filter(({ isRequired }) => !isRequired).slice(0, MOST_PARAMETERS - needed.length))
  return all.filter((each) => each.isRequired || further.has(each))
}

function isCallers({ in: place, name }: ParameterDraft): boolean {
  const lower = name.toLowerCase()
  return place !== 'header' || !(PLANNED_HEADERS.has(lower) || isGatewayHeader(lower))
}

/** Some documents name the media type of a body as a header's only value. */
function withOwnType(body: BodyDraft, parameters: readonly ParameterDraft[]): BodyDraft {
  const header = parameters.find(({ in: place, name }) => place === 'header' && name.toLowerCase() === 'content-type')
  const { value } = header ? inside(header.schema, 'default') : { value: undefined }
  const first = header ? (value ?? inside(header.schema, 'enum', 0).value) : undefined
  const fits = typeof first === 'string' && isMediaType(first) && bodyKindOf(first) === body.kind && body.kind !== 'multipart'
  return fits ? { ...body, contentType: first } : body
}

/** The gateway holds the credential, so no caller has to know it, though the document may ask each call for it. */
function withoutNeed(parameter: ParameterDraft, operation: Site, { parts, keys }: Draftsman): ParameterDraft {
  const { in: place, name, isRequired } = parameter
  const isCredential = isRequired && place !== 'path' && (CREDENTIAL.test(name) || keys.has(keyOf(place, name)))
  if (!isCredential || securityOf(operation, parts.root).length === 0) return parameter
  const description = `${parameter.description} Leave it out where the gateway has a credential.`.trim()
  return { ...parameter, isRequired: false, description }
}

/** The parameters, with those of the path just as the path names them. */
function inPath({ path, site }: FoundOperation, parameters: readonly ParameterDraft[], problems: ProblemList): ParameterDraft[] {
  const names = new Set([...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name!))
  const fitting = parameters.filter((each) => {
    if (each.in !== 'path' || names.has(each.name)) return true
    problems.warn(each.site, `The path has no {${each.name}}; the parameter is left out.`)
    return false
  })
  const missing = [...names].filter((name) => !fitting.some((each) => each.in === 'path' && each.name === name))
  for (const name of missing)
    problems.warn(site, `The path names {${name.slice(0, 100)}}, which no parameter describes; a text is asked for.`)
  return [...missing.map((name) => undescribed(name, site)), ...fitting]
}

const undescribed = (name: string, site: ParameterDraft['site']): ParameterDraft => ({
  site,
  name,
  in: 'path',
  style: 'simple',
  explode: false,
  allowReserved: false,
  isRequired: true,
  description: '',
  schema: { ...site, value: { type: 'string' } },
})

/** How a parameter is looked up among those that carry a credential. */
export const keyOf = (place: string, name: string): string => `${place} ${name.toLowerCase()}`
