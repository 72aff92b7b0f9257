import type { ApiServer, ServerVariable } from './api-document.ts'
import { Misfit } from './misfit.ts'
import type { ProblemList } from './problem-list.ts'
import { entriesOf, inside, itemsOf, type Site, textOf } from './site.ts'

const MOST = 100

/** The servers that a place in a document of OpenAPI 3 names. `base` is the address of the document, `null` when it was pasted. */
export function readServers(site: Site, base: string | null, problems: ProblemList): ApiServer[] {
  return itemsOf(inside(site, 'servers'))
    .slice(0, MOST)
    .flatMap((each) => readServer(each, base, problems) ?? [])
}

function readServer(site: Site, base: string | null, problems: ProblemList): ApiServer | undefined {
  const template = inside(site, 'url').value
  if (typeof template !== 'string') return void problems.warn(inside(site, 'url'), 'A server needs a url; it is left out.')
  const variables = entriesOf(inside(site, 'variables')).map(([name, each]) => readVariable(name, each))
  const filled = template.replace(
    /\{([^}]*)\}/g,
    (whole, name: string) => variables.find((each) => each.name === name)?.default ?? whole,
  )
  // Nobody means the document itself by an empty address.
  const url = absolute(filled === '' ? '.' : filled, base)
  if (url === undefined) return void problems.warn(inside(site, 'url'), reasonFor(filled, base))
  return { url, template, description: textOf(site, 'description', 300), variables }
}

const reasonFor = (url: string, base: string | null): string =>
  base === null && !/^[a-z][\w+.-]*:/i.test(url)
    ? 'The server has no host, and the document came without an address that could say it.'
    : 'The server is not an http or https address without credentials, query and fragment; it is left out.'

function readVariable(name: string, site: Site): ServerVariable {
  const { value } = inside(site, 'enum')
  const choices = Array.isArray(value) ? value.filter(isPlain).map(String).slice(0, MOST) : []
  const usual = inside(site, 'default').value
  return {
    name,
    default: isPlain(usual) ? String(usual) : (choices[0] ?? ''),
    choices,
    description: textOf(site, 'description', 300),
  }
}

/** A port without quotes is a number. */
const isPlain = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

/** An address as requests use it; `undefined` where it is none. */
export function absolute(url: string, base: string | null): string | undefined {
  const parsed = URL.parse(url, base ?? undefined)
  if (!parsed || !/^https?:$/.test(parsed.protocol) || /[{}\\]/.test(url) || /%7b|%7d/i.test(parsed.href)) return undefined
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '') return undefined
  return parsed.href.replace(/\/+$/, '')
}

/** Servers of Swagger 2.0: host, base path and schemes, https first. */
export function readServers2(site: Site, base: string | null, problems: ProblemList): ApiServer[] {
  const own = base === null ? null : URL.parse(base)
  const named = inside(site, 'host').value ?? own?.host
  // Some write an address here, whose scheme would be taken for the host.
  const host = typeof named === 'string' ? named.replace(/^https?:\/\//i, '').replace(/\/+$/, '') : named
  if (typeof host !== 'string') {
    problems.warn(site, 'The document names no host, and came without an address that could say it.')
    return []
  }
  const path = inside(site, 'basePath').value
  const schemesNamed = inside(site, 'schemes').value
  const schemes = (Array.isArray(schemesNamed) ? schemesNamed : [own?.protocol.slice(0, -1) ?? 'https']).filter(
    (each) => each === 'https' || each === 'http',
  )
  const urls = schemes
    .toSorted()
    .reverse()
    .map((scheme) => `${scheme}://${host}${typeof path === 'string' ? path.replace(/^(?=[^/])/, '/') : ''}`)
  return urls.flatMap((template) => {
    const url = absolute(template, null)
    if (url === undefined) problems.warn(inside(site, 'host'), reasonFor(template, null))
    return url === undefined ? [] : { url, template, description: '', variables: [] }
  })
}

/** Stands for the host of a document that came without an address. */
const SOMEWHERE = 'https://server.invalid'

/**
 * Where the requests of an operation go: to its own servers, those of its path, or those of the document.
 *
 * @returns a path where the document has no address that a relative one could start from; empty for the server that an operator chooses
 * @throws Misfit where it has servers of its own and none can be used
 */
export function serverUrlOf(
  sites: readonly Site[],
  shared: readonly ApiServer[],
  base: string | null,
  problems: ProblemList,
): string {
  for (const site of sites) {
    const own = inside(site, 'servers')
    if (itemsOf(own).length === 0) continue
    const [first] = readServers(site, base ?? SOMEWHERE, problems)
    if (!first) throw new Misfit(own, 'None of its own servers can be used, and on another it may mean something else.')
    return first.url === SOMEWHERE || first.url.startsWith(`${SOMEWHERE}/`) ? first.url.slice(SOMEWHERE.length) : first.url
  }
  return shared[0]?.url ?? ''
}
