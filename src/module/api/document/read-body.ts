import { isNode } from '../../../core/schema/schema-walk.ts'
import { bodyKindOf, byLiking, essenceOf, isJson, isMediaType } from './media-types.ts'
import { Misfit } from './misfit.ts'
import type { BodyDraft, FieldDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { readParameter } from './read-parameters.ts'
import { entriesOf, inside, type Site, textOf } from './site.ts'

/** A body, and the headers of its parts that callers give. */
interface ReadBody {
  readonly body: BodyDraft | null
  readonly headers: readonly ParameterDraft[]
}

const NO_BODY: ReadBody = { body: null, headers: [] }

/** The body of an operation by the words of OpenAPI 3. @throws Misfit where none could be made */
export function readBody(at: Site, parts: Parts, problems: ProblemList): ReadBody {
  if (at.value === undefined) return NO_BODY
  const site = parts.follow(at)
  if (!isNode(site.value)) throw new Misfit(site, 'A request body was expected here.')
  const content = inside(site, 'content')
  if (!isNode(content.value)) throw new Misfit(content, 'A request body needs its content by media type.')
  const mediaType = preferred(content, Object.keys(content.value).filter(isMediaType), parts)
  if (mediaType === undefined) {
    if (Object.keys(content.value).length === 0) return NO_BODY
    throw new Misfit(content, 'None of these is a media type.')
  }
  requireMakeable(content, mediaType)
  const media = parts.follow(inside(content, mediaType))
  const schema = inside(media, 'schema')
  const encodings = entriesOf(inside(media, 'encoding'))
  const body: BodyDraft = {
    isRequired: inside(site, 'required').value === true,
    description: textOf(site, 'description', 600),
    kind: bodyKindOf(mediaType),
    contentType: concrete(mediaType),
    schema: schema.value === undefined ? { ...schema, value: {} } : schema,
    fields: Object.fromEntries(encodings.map(([name, encoding]) => [name, fieldOf(encoding)])),
  }
  return { body, headers: body.kind === 'multipart' ? encodings.flatMap((each) => partHeaders(each, body, parts, problems)) : [] }
}

/** The handiest; but where it would have to hold a file and the same body may come as a form with files, that is the way. */
function preferred(content: Site, mediaTypes: readonly string[], parts: Parts): string | undefined {
  const liked = byLiking(mediaTypes)
  const [first] = liked
  const form = liked.find((each) => bodyKindOf(each) === 'multipart')
  return form !== undefined && bodyKindOf(first!) !== 'multipart' && holdsFile(inside(content, first!, 'schema'), parts)
    ? form
    : first
}

function holdsFile(schema: Site, parts: Parts): boolean {
  const fields = entriesOf(inside(parts.follow(schema), 'properties')).map(([, each]) => parts.follow(each))
  return fields.some((field) => isBinary(field) || isBinary(parts.follow(inside(field, 'items'))))
}

const isBinary = (site: Site): boolean => inside(site, 'format').value === 'binary'

/** The parts of such a body stand apart by what its header says, which no caller knows. @throws Misfit */
function requireMakeable(content: Site, mediaType: string): void {
  if (bodyKindOf(mediaType) !== 'binary' || !essenceOf(mediaType).startsWith('multipart/')) return
  throw new Misfit(
    content,
    `A body of the type ${essenceOf(mediaType).slice(0, 60)} is not made here; only multipart/form-data is.`,
  )
}

/** What is sent where the document leaves it open. */
function concrete(mediaType: string): string {
  if (!mediaType.includes('*')) return mediaType
  return isJson(mediaType) ? 'application/json' : mediaType.startsWith('text/') ? 'text/plain' : 'application/octet-stream'
}

const FIELD_STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const

function fieldOf(encoding: Site): FieldDraft {
  const { value: contentType } = inside(encoding, 'contentType')
  const style = FIELD_STYLES.find((each) => each === inside(encoding, 'style').value)
  const { value: explode } = inside(encoding, 'explode')
  const first = typeof contentType === 'string' ? contentType.split(',')[0]!.trim() : ''
  return {
    ...(isMediaType(first) && !first.includes('*') ? { contentType: first } : {}),
    ...(style ? { style, explode: style === 'form' } : {}),
    // Who says one of the two says how a query would write it (OpenAPI 3.1, Encoding Object).
    ...(typeof explode === 'boolean' ? { style: style ?? 'form', explode } : {}),
  }
}

/** Said by the part itself (RFC 7578, 4.8). */
const OF_PART = new Set(['content-type', 'content-disposition'])

/** Headers of one part: arguments of their own, because a field has no room for them. */
function partHeaders(
  [part, encoding]: readonly [string, Site],
  body: BodyDraft,
  parts: Parts,
  problems: ProblemList,
): ParameterDraft[] {
  const { value: needed } = inside(parts.follow(body.schema), 'required')
  const isNeeded = body.isRequired && Array.isArray(needed) && needed.includes(part)
  return entriesOf(inside(encoding, 'headers')).flatMap(([name, at]) => {
    if (OF_PART.has(name.toLowerCase())) return []
    const read = (): ParameterDraft => {
      const { value } = parts.follow(at)
      const header = readParameter({ ...at, value: { ...(isNode(value) ? value : {}), name, in: 'header' } }, problems)
      const description = `${header.description} Header of the part ${part.slice(0, 100)} of the body.`.trim()
      return { ...header, in: 'part', part, description, isRequired: isNeeded && header.isRequired }
    }
    return problems.attempt(read, 'warning', ' The header is left out.') ?? []
  })
}
