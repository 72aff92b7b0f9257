import { isNode } from '../../../core/schema/schema-walk.ts'
import { isJson } from './media-types.ts'
import { Misfit } from './misfit.ts'
import type { ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { inside, itemsOf, type Site, textOf } from './site.ts'

const PLACES = ['path', 'query', 'header', 'cookie'] as const
const STYLES = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
} as const

type Place = keyof typeof STYLES

/** Where a parameter is, by the words of its version; `undefined` where it is none of these. */
export type ReadOneParameter = (site: Site) => ParameterDraft | undefined

/** Parameters of a path and of its operation; the operation's own come before those of the path. */
export function readParameters(
  lists: readonly Site[],
  parts: Parts,
  readOne: ReadOneParameter,
  problems: ProblemList,
): ParameterDraft[] {
  const found = new Map<string, ParameterDraft>()
  for (const list of lists) {
    if (list.value !== undefined && !Array.isArray(list.value)) throw new Misfit(list, 'A list of parameters was expected here.')
    const own = new Map<string, ParameterDraft>()
    for (const item of itemsOf(list)) {
      const site = parts.follow(item)
      const parameter = isNeeded(site)
        ? readOne(site)
        : problems.attempt(() => readOne(site), 'warning', ' The parameter is left out.')
      if (!parameter) continue
      const key = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`
      if (own.has(key)) problems.warn(item, `The parameter ${parameter.name} stands here twice; the first one counts.`)
      else own.set(key, parameter)
    }
    for (const [key, parameter] of own) found.set(key, parameter)
  }
  return [...found.values()]
}

/** Whether no call could do without it. */
const isNeeded = ({ value }: Site): boolean => !isNode(value) || value['required'] === true || value['in'] === 'path'

/** Name and place of a parameter. @throws Misfit */
export function nameAndPlaceOf(site: Site, places: readonly string[]): { readonly name: string; readonly in: string } {
  if (!isNode(site.value)) throw new Misfit(site, 'A parameter was expected here.')
  const { name, in: place } = site.value
  if (typeof name !== 'string' || name === '' || name.length > 200)
    throw new Misfit(inside(site, 'name'), 'A parameter needs a name.')
  if (typeof place !== 'string' || !places.includes(place)) {
    throw new Misfit(inside(site, 'in'), `A parameter needs a place: one of ${places.join(', ')}.`)
  }
  if (place === 'header' && !/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
    throw new Misfit(inside(site, 'name'), 'This cannot be the name of a header.')
  if (place === 'cookie' && !/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
    throw new Misfit(inside(site, 'name'), 'This cannot be the name of a cookie.')
  return { name, in: place }
}

/** A parameter of OpenAPI 3. @throws Misfit */
export function readParameter(site: Site, problems: ProblemList): ParameterDraft {
  const { name, in: at } = nameAndPlaceOf(site, PLACES)
  const place = at as Place
  const content = contentOf(site)
  const style = content?.isJson ? 'json' : styleOf(site, place, problems)
  const explode = inside(site, 'explode').value
  return {
    site,
    name,
    in: place,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    allowReserved: inside(site, 'allowReserved').value === true,
    isRequired: place === 'path' || inside(site, 'required').value === true,
    description: textOf(site, 'description', 600),
    schema: content?.schema ?? schemaOf(site),
  }
}

function schemaOf(site: Site): Site {
  const schema = inside(site, 'schema')
  return schema.value === undefined ? { ...schema, value: {} } : schema
}

/** A parameter may have `content` with one media type instead of a style; what is not JSON is written as it is. */
function contentOf(site: Site): { readonly schema: Site; readonly isJson: boolean } | undefined {
  const content = inside(site, 'content')
  if (!isNode(content.value)) return undefined
  const [mediaType] = Object.keys(content.value)
  if (mediaType === undefined) return undefined
  const schema = inside(content, mediaType, 'schema')
  return { schema: schema.value === undefined ? { ...schema, value: {} } : schema, isJson: isJson(mediaType) }
}

function styleOf(site: Site, place: Place, problems: ProblemList): ParameterDraft['style'] {
  const known: readonly ParameterDraft['style'][] = STYLES[place]
  const style = inside(site, 'style')
  const usual = known[0]!
  if (style.value === undefined) return usual
  const found = known.find((each) => each === style.value)
  if (!found) problems.warn(style, `This style is not one of a parameter in the ${place}; ${usual} is used.`)
  return found ?? usual
}
