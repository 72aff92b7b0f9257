import type { ApiServer } from './api-document.ts'
import type { FoundOperation } from './find-operations.ts'
import { Misfit } from './misfit.ts'
import type { OperationDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import type { ReadExchange } from './read-operation.ts'
import { serverUrlOf } from './read-servers.ts'
import { inside } from './site.ts'

const MOST_PARAMETERS = 300

/** What all operations of a document are read with. */
export interface Draftsman {
  readonly parts: Parts
  readonly problems: ProblemList
  readonly url: string | null
  readonly servers: readonly ApiServer[]
  /** Operations have no servers of their own. */
  readonly isFixed: boolean
  readonly readExchange: ReadExchange
}

/** An operation as the document says it. @throws Misfit when no call of it could be made */
export function draftOperation(
  found: FoundOperation,
  { parts, problems, url, servers, isFixed, readExchange }: Draftsman,
): OperationDraft {
  const { key, method, path, site, pathItem } = found
  const exchange = readExchange(site, pathItem, parts, problems)
  if (exchange.parameters.length > MOST_PARAMETERS)
    throw new Misfit(inside(site, 'parameters'), `More than ${MOST_PARAMETERS} parameters.`)
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'TRACE'
  if (exchange.body && !hasBody) problems.warn(site, `A ${method} request has no body; it is left out.`)
  return {
    key,
    method,
    path,
    site,
    serverUrl: serverUrlOf(isFixed ? [] : [site, pathItem], servers, url, problems),
    ...exchange,
    parameters: inPath(found, exchange.parameters, problems),
    body: hasBody ? exchange.body : null,
  }
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
