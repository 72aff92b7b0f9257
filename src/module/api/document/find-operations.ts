import { isNode } from '../../../core/schema/schema-walk.ts'
import type { OperationDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { entriesOf, inside, type Site } from './site.ts'

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const
const BESIDES = new Set(['$ref', 'summary', 'description', 'servers', 'parameters'])

/** An operation, and the path that it stands under. */
export interface FoundOperation extends Pick<OperationDraft, 'key' | 'method' | 'path' | 'site'> {
  readonly pathItem: Site
}

/** Every operation of a document that stands where an operation can stand. */
export function findOperations(parts: Parts, problems: ProblemList, most: number): FoundOperation[] {
  const paths = inside(parts.root, 'paths')
  if (!isNode(paths.value) || Object.keys(paths.value).length === 0) {
    problems.error(paths, 'The document has no paths, so there is nothing to call.')
    return []
  }
  const found = entriesOf(paths).flatMap(([path, site]) =>
    path.startsWith('x-') ? [] : operationsOf(path, site, parts, problems),
  )
  warnOfTwins(found, problems)
  if (found.length > most) problems.error(paths, `Only the first ${most} of ${found.length} operations are offered.`)
  return found.slice(0, most)
}

function operationsOf(path: string, at: Site, parts: Parts, problems: ProblemList): FoundOperation[] {
  const misfit = pathMisfit(path)
  const target = problems.attempt(() => parts.follow(at))
  if (misfit !== undefined) problems.error(at, misfit)
  if (target === undefined || misfit !== undefined) return []
  if (!isNode(target.value)) {
    problems.error(at, 'Operations by method were expected here.')
    return []
  }
  // What stands beside a reference counts as well (OpenAPI 3.1, 4.8.9), and its own references start where it stands.
  const beside = target === at ? {} : (at.value as object)
  const pathItem = { ...('parameters' in beside ? at : target), value: { ...target.value, ...beside } }
  for (const [key, site] of entriesOf(at))
    if (!isKnown(key)) problems.warn(site, `${key.slice(0, 50)} is no method that is offered.`)
  return METHODS.flatMap((method) => {
    const name = method.toLowerCase()
    const site = inside(name in beside ? at : target, name)
    if (site.value === undefined) return []
    // Bundlers write references here, though only those to whole paths are allowed.
    const operation = problems.attempt(() => parts.follow(site))
    if (operation === undefined) return []
    if (isNode(operation.value)) return { key: `${method} ${path}`, method, path, site: operation, pathItem }
    problems.error(site, 'An operation was expected here.')
    return []
  })
}

const isKnown = (key: string): boolean =>
  BESIDES.has(key) || key.startsWith('x-') || METHODS.some((method) => method.toLowerCase() === key)

function pathMisfit(path: string): string | undefined {
  if (!path.startsWith('/')) return 'A path has to begin with a slash.'
  if (path.length > 1_000) return 'The path is longer than 1000 characters.'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[?#\\\s\u0000-\u001f\u007f]/.test(path))
    return 'A path has no query, no fragment and no white space. Describe what stands in the query as parameters.'
  if (path.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part))) return 'A path does not lead up (. or ..).'
  return undefined
}

/** Paths that differ by the names of their parameters alone are the same to the API. */
function warnOfTwins(found: readonly FoundOperation[], problems: ProblemList): void {
  const seen = new Map<string, string>()
  for (const { method, path, site } of found) {
    const shape = `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`
    const twin = seen.get(shape)
    if (twin === undefined) seen.set(shape, path)
    else problems.warn(site, `It differs from ${twin.slice(0, 200)} by the name of a parameter alone; both are offered.`)
  }
  const ids = new Map<unknown, Site>()
  for (const { site } of found) {
    const id = inside(site, 'operationId')
    if (typeof id.value !== 'string') continue
    if (ids.has(id.value))
      problems.warn(id, `The operationId ${id.value.slice(0, 100)} is used twice; the tools are told apart by a mark.`)
    ids.set(id.value, site)
  }
}
