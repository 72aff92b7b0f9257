import { isNode } from '../../../core/schema/schema-walk.ts'
import { byLiking, essenceOf, isJson, isMediaType } from './media-types.ts'
import type { BodyDraft, ParameterDraft } from './operation-draft.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { readBody } from './read-body.ts'
import { readParameter, readParameters } from './read-parameters.ts'
import { inside, type Site } from './site.ts'

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
  const { body, headers } = readBody(inside(operation, 'requestBody'), parts, problems)
  return {
    parameters: [...readParameters(lists, parts, (site) => readParameter(site, problems), problems), ...headers],
    body,
    ...answers,
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
