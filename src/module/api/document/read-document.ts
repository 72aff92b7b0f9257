import { Fault } from '../../../contract/fault.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import type { ApiDocument, ApiOperation, ApiServer, ApiTag } from './api-document.ts'
import { type BuildOperation, createBuildOperation, hashOf } from './build-operation.ts'
import { DOCUMENT_LIMITS, type DocumentLimits } from './document-limits.ts'
import { type Draftsman, draftOperation, keyOf } from './draft-operation.ts'
import { type FoundOperation, findOperations } from './find-operations.ts'
import { Misfit } from './misfit.ts'
import { parseText } from './parse-text.ts'
import { type FetchPart, type Parts, readParts, warnOf } from './parts.ts'
import { createProblemList, type ProblemList } from './problem-list.ts'
import { readExchange } from './read-operation.ts'
import { readExchange2 } from './read-operation-2.ts'
import { readSecurity, securityOf } from './read-security.ts'
import { absolute, readServers, readServers2 } from './read-servers.ts'
import { inside, itemsOf, pointerOf, type Site, textOf } from './site.ts'
import { toolNames } from './tool-names.ts'
import { withoutIds } from './without-ids.ts'

interface ReadOptions {
  /** Where the document is from; relative addresses in it start there. */
  readonly url?: string | null
  /** Where all requests go, instead of what the document names. Absolute. */
  readonly server?: string
  /** Gets what the document refers to outside itself. @throws Fault */
  readonly fetchPart: FetchPart
  readonly limits?: Partial<DocumentLimits>
}

/**
 * Read an OpenAPI document (2.0, 3.0, 3.1; JSON or YAML) into tools. What is wrong with it is listed in `problems`; whatever is not touched
 * by that is offered.
 *
 * Takes up to seconds of computing for documents of megabytes.
 *
 * @throws Fault `invalid` when the text is no OpenAPI document at all; `too_large`
 */
export async function readDocument(text: string, options: ReadOptions): Promise<ApiDocument> {
  const limits = { ...DOCUMENT_LIMITS, ...options.limits }
  const url = options.url ?? null
  const problems = createProblemList()
  const value = withoutIds(parseText(text, limits, warnOf('', problems)), url)
  const format = formatOf(value)
  const parts = await readParts(value, { url, fetchPart: options.fetchPart, limits, problems })
  const { root } = parts
  const named = format === '2.0' ? readServers2(root, url, problems) : serversOf(root, url, problems)
  const servers = options.server === undefined ? named : [chosenServer(options.server)]
  const schemes = format === '2.0' ? inside(root, 'securityDefinitions') : inside(root, 'components', 'securitySchemes')
  const securitySchemes = readSecurity(schemes, parts, problems)
  const draftsman: Draftsman = {
    parts,
    problems,
    url,
    servers,
    isFixed: options.server !== undefined || format === '2.0',
    readExchange: format === '2.0' ? readExchange2 : readExchange,
    keys: new Set(securitySchemes.flatMap(({ suggestion: key }) => (key?.kind === 'apiKey' ? keyOf(key.in, key.name) : []))),
  }
  const found = findOperations(parts, problems, limits.operations)
  const operations = build(found, draftsman, createBuildOperation(parts, problems))
  if (servers.length === 0 && operations.some(({ plan }) => plan.serverUrl === '')) {
    problems.warn(inside(root, 'servers'), 'The document does not say where the API is. Give its address.')
  }
  return {
    format,
    ...infoOf(root),
    servers,
    tags: tagsOf(root),
    securitySchemes,
    operations,
    problems: problems.all(),
  }
}

function formatOf(value: unknown): ApiDocument['format'] {
  if (!isNode(value)) throw new Fault('invalid', 'This is no OpenAPI document: it is not an object.')
  const said = String(value['openapi'] ?? value['swagger'] ?? '')
  if ('swagger' in value && /^2(\.0)?$/.test(said)) return '2.0'
  // In YAML without quotes, 3.0 is the number 3.
  if (/^3(?:\.0(?:\.|$)|$)/.test(said)) return '3.0'
  // What 3.2 adds does not change what stands in 3.1.
  if (/^3\.[12](\.|$)/.test(said)) return '3.1'
  const came = said === '' ? 'has neither an openapi nor a swagger field' : `says version ${said.slice(0, 30)}`
  throw new Fault('invalid', `This is no OpenAPI document that can be read: it ${came}. Versions 2.0, 3.0 and 3.1 are known.`)
}

function serversOf(root: Site, url: string | null, problems: ProblemList): ApiServer[] {
  const named = readServers(root, url, problems)
  const own = url === null ? undefined : absolute('/', url)
  // Without servers, the API is where the document is (OpenAPI 3.1, 4.8.1).
  return named.length > 0 || own === undefined ? named : [{ url: own, template: '/', description: '', variables: [] }]
}

function chosenServer(server: string): ApiServer {
  const url = absolute(server, null)
  if (url === undefined)
    throw new Fault('invalid', 'The server has to be an http or https address without credentials, query and fragment.')
  return { url, template: server, description: '', variables: [] }
}

function infoOf(root: Site): Pick<ApiDocument, 'title' | 'version' | 'description'> {
  const info = inside(root, 'info')
  const { value: version } = inside(info, 'version')
  return {
    title: textOf(info, 'title', 200) || 'API',
    version: typeof version === 'string' || typeof version === 'number' ? String(version).slice(0, 100) : '',
    description: textOf(info, 'description', 4_000),
  }
}

const tagsOf = (root: Site): ApiTag[] =>
  itemsOf(inside(root, 'tags'))
    .slice(0, 1_000)
    .map((site) => ({ name: textOf(site, 'name', 100), description: textOf(site, 'description', 600) }))
    .filter(({ name }) => name !== '')

const EFFECTS: Readonly<Record<string, ApiOperation['effect']>> = {
  GET: 'read',
  HEAD: 'read',
  OPTIONS: 'read',
  TRACE: 'read',
  DELETE: 'erase',
}
/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

function build(found: readonly FoundOperation[], draftsman: Draftsman, buildOperation: BuildOperation): ApiOperation[] {
  const { parts, problems } = draftsman
  const named = found.map(({ key, site }) => ({ key, operationId: textOf(site, 'operationId', 200) }))
  const names = toolNames(named)
  return found.flatMap((each, index) => {
    const built = problems.attempt(() => offered(each, () => buildOperation(draftOperation(each, draftsman)), problems))
    return built ? finish(each, names[index]!, built, parts) : []
  })
}

/** What is wrong may be far from the operation that is not offered for it; so it is said of both. */
function offered<T>({ site }: FoundOperation, work: () => T, problems: ProblemList): T {
  try {
    return work()
  } catch (thrown) {
    const isElsewhere = thrown instanceof Misfit && !thrown.pointer.startsWith(pointerOf(site))
    if (isElsewhere) problems.error(site, `It is not offered, because of what is wrong at ${thrown.pointer || 'the root'}.`)
    throw thrown
  }
}

function finish(
  { key, site, method }: FoundOperation,
  toolName: string,
  built: ReturnType<BuildOperation>,
  parts: Parts,
): ApiOperation {
  const operation = {
    key,
    toolName,
    summary: textOf(site, 'summary', 200),
    description: textOf(site, 'description', 1_500),
    tags: itemsOf(inside(site, 'tags')).flatMap(({ value }) => (typeof value === 'string' ? value.slice(0, 100) : [])),
    isDeprecated: inside(site, 'deprecated').value === true,
    effect: EFFECTS[method] ?? 'write',
    idempotent: IDEMPOTENT.has(method),
    security: securityOf(site, parts.root),
    ...built,
  }
  return { ...operation, hash: hashOf(operation) }
}
