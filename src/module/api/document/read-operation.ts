import { isNode } from '../../../core/schema/schema-walk.ts'
import { bodyKindOf, byLiking, essenceOf, isJson, isMediaType } from './media-types.ts'
import { Misfit } from './misfit.ts'
import type { BodyDraft, FieldDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { readParameter, readParameters } from './read-parameters.ts'
import { entriesOf, inside, type Site, textOf } from './site.ts'

/** What an operation takes and answers, by the words of one version of OpenAPI. */
export interface Exchange {
  readonly parameters: readonly ParameterDraft[]
  readonly body: BodyDraft | null
  readonly answer: Site | null
  readonly accept: readonly string[]
}

/** Reads what an operation takes and answers. @throws Misfit when no call of it could be made */
export type ReadExchange = (operation: Site, pathItem: Site, parts: Parts, problems: ProblemList) => Exchange

/** The words of OpenAPI 3.0 and 3.1. */
export const readExchange: ReadExchange = (operation, pathItem, parts, problems) => {
  const lists = [inside(pathItem, 'parameters'), inside(operation, 'parameters')]
  const answers = goodAnswer(operation, parts, problems)
  return {
    parameters: readParameters(lists, parts, (site) => readParameter(site, problems), problems),
    body: readBody(inside(operation, 'requestBody'), parts),
    ...answers,
  }
}

function readBody(at: Site, parts: Parts): BodyDraft | null {
  if (at.value === undefined) return null
  const site = parts.follow(at)
  if (!isNode(site.value)) throw new Misfit(site, 'A request body was expected here.')
  const content = inside(site, 'content')
  if (!isNode(content.value)) throw new Misfit(content, 'A request body needs its content by media type.')
  const [mediaType] = byLiking(Object.keys(content.value).filter(isMediaType))
  if (mediaType === undefined) {
    if (Object.keys(content.value).length === 0) return null
    throw new Misfit(content, 'None of these is a media type.')
  }
  requireMakeable(content, mediaType)
  const media = parts.follow(inside(content, mediaType))
  const schema = inside(media, 'schema')
  return {
    isRequired: inside(site, 'required').value === true,
    description: textOf(site, 'description', 600),
    kind: bodyKindOf(mediaType),
    contentType: concrete(mediaType),
    schema: schema.value === undefined ? { ...schema, value: {} } : schema,
    fields: Object.fromEntries(entriesOf(inside(media, 'encoding')).map(([name, encoding]) => [name, fieldOf(encoding)])),
  }
}

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

function goodAnswer(operation: Site, parts: Parts, problems: ProblemList): Pick<Exchange, 'answer' | 'accept'> {
  const site = bestAnswer(operation, problems)
  const content =
    site && problems.attempt(() => inside(parts.follow(site), 'content'), 'warning', ' The answer is not described.')
  if (!content || !isNode(content.value)) return { answer: null, accept: [] }
  const accept = byLiking(Object.keys(content.value).filter(isMediaType))
  const json = accept.find((mediaType) => isJson(mediaType) && essenceOf(mediaType) !== '*/*') ?? accept.find(isJson)
  const schema = json === undefined ? undefined : inside(content, json, 'schema')
  return { answer: schema?.value === undefined ? null : schema, accept }
}

/** The answer that is most likely when all goes well. */
export function bestAnswer(operation: Site, problems: ProblemList): Site | undefined {
  const responses = inside(operation, 'responses')
  if (!isNode(responses.value)) {
    problems.warn(responses, 'The operation does not say what it answers.')
    return undefined
  }
  const codes = Object.keys(responses.value)
  const code = codes.filter((each) => /^2(?:\d\d|XX)$/i.test(each)).toSorted()[0] ?? codes.find((each) => each === 'default')
  return code === undefined ? undefined : inside(responses, code)
}
