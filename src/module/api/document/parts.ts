import { createResolver, isNode, type Resolver } from '../../../core/schema/schema-walk.ts'
import type { DocumentLimits } from './document-limits.ts'
import { Misfit } from './misfit.ts'
import { parseText } from './parse-text.ts'
import type { ProblemList } from './problem-list.ts'
import { referringMembers } from './referring-members.ts'
import type { Site } from './site.ts'
import { withoutIds } from './without-ids.ts'

/** Gets the text of another part of a document. @throws Fault, whose sentence is shown to the operator */
export type FetchPart = (url: string) => Promise<string>

/** All parts of a document, as far as they could be read. */
export interface Parts {
  readonly root: Site
  /** What a reference stands for, one step. @throws Misfit */
  target(site: Site, ref: string): Site
  /** What a value stands for after all references. @throws Misfit */
  follow(site: Site): Site
}

interface Part {
  readonly resolve: Resolver | null
  /** Why it could not be read. */
  readonly reason: string
}

interface PartGround {
  readonly fetchPart: FetchPart
  readonly limits: DocumentLimits
  readonly problems: ProblemList
}

const MAX_STEPS = 50

/** Lists what is odd about the text of a part; the empty address is that of the document itself. */
export const warnOf =
  (part: string, problems: ProblemList) =>
  (message: string): void =>
    problems.warn({ value: undefined, part, pointer: '' }, message)

/** Read a document with everything that it refers to. `url` is its own address; `null` when it was pasted. */
export async function readParts(
  value: unknown,
  { url, ...ground }: PartGround & { readonly url: string | null },
): Promise<Parts> {
  const parts = new Map<string, Part>([['', { resolve: createResolver(value), reason: '' }]])
  const wanted = remoteRefs(value, url ?? '')
  for (const address of wanted) {
    if (address === url || parts.has(address)) continue
    const { part, more } = await readPart(address, parts.size > ground.limits.parts, ground)
    parts.set(address, part)
    for (const each of more) wanted.add(each)
  }
  return lookup({ value, part: '', pointer: '' }, parts, url)
}

async function readPart(
  address: string,
  isOneTooMany: boolean,
  { fetchPart, limits, problems }: PartGround,
): Promise<{ readonly part: Part; readonly more: ReadonlySet<string> }> {
  if (isOneTooMany) return { part: { resolve: null, reason: `more than ${limits.parts} parts are not read` }, more: new Set() }
  try {
    const value = withoutIds(parseText(await fetchPart(address), limits, warnOf(address, problems)), address)
    return { part: { resolve: createResolver(value), reason: '' }, more: remoteRefs(value, address) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.replace(/\.$/, '') : 'it failed'
    return { part: { resolve: null, reason }, more: new Set() }
  }
}

/** Addresses of all other documents that a document refers to. */
function remoteRefs(root: unknown, base: string): Set<string> {
  const found = new Set<string>()
  const waiting: [string, unknown][] = [['', root]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [name, value] = next
    if (Array.isArray(value)) for (const each of value) waiting.push(['', each])
    if (!isNode(value)) continue
    if (typeof value['$ref'] === 'string' && !value['$ref'].startsWith('#')) {
      const address = addressOf(value['$ref'], base)
      if (address !== undefined) found.add(address.url)
    }
    for (const member of referringMembers(value, name)) waiting.push(member)
  }
  return found
}

function addressOf(ref: string, base: string): { readonly url: string; readonly fragment: string } | undefined {
  const url = URL.parse(ref, base === '' ? undefined : base)
  if (url === null) return undefined
  const fragment = url.hash
  url.hash = ''
  return { url: url.href, fragment: fragment === '' ? '#' : fragment }
}

function lookup(root: Site, parts: ReadonlyMap<string, Part>, url: string | null): Parts {
  const target = (site: Site, ref: string): Site => {
    const shown = ref.slice(0, 200)
    const at = ref.startsWith('#')
      ? { url: site.part, fragment: ref }
      : addressOf(ref, site.part === '' ? (url ?? '') : site.part)
    if (at === undefined)
      throw new Misfit(site, `It refers to ${shown}, but the document has no address that this could be found from.`)
    const address = at.url === url ? '' : at.url
    const part = parts.get(address)
    if (!part?.resolve)
      throw new Misfit(site, `It refers to ${shown}, which could not be read: ${part?.reason ?? 'it is not known'}.`)
    const value = part.resolve(at.fragment)
    if (value === undefined) throw new Misfit(site, `It refers to ${shown}, where there is nothing.`)
    return { value, part: address, pointer: pointerIn(at.fragment) }
  }
  const follow = (site: Site): Site => {
    let at = site
    for (let step = 0; isNode(at.value) && typeof at.value['$ref'] === 'string'; step += 1) {
      if (step > MAX_STEPS) throw new Misfit(site, 'Its references run in a circle.')
      at = target(at, at.value['$ref'])
    }
    return at
  }
  return { root, target, follow }
}

function pointerIn(fragment: string): string {
  try {
    return decodeURIComponent(fragment.slice(1))
  } catch {
    return fragment.slice(1)
  }
}
