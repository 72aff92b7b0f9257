import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import type { apiLane } from '../../../queue/api.lane.ts'
import type { Answer, RelayedResult } from '../../contract/visit.ts'
import { scrubValue } from '../../core/scrub-value.ts'

/** What an API answered, as the lane says it. */
export type Answered = z.output<typeof apiLane.result>

type Block = Readonly<Record<string, unknown>>

/** What of a failing answer an agent is shown. */
const EXCERPT_CHARS = 2_000
/** Headers that lead on or say when to come back, shown where the API sends them. */
const TELLING = ['link', 'location', 'retry-after']

/** What an answer is for. */
export interface AnswerPlace {
  readonly toolName: string
  /** For the URI of a binary answer. */
  readonly requestId: string
  /** The tool promises an object, and clients insist on it. */
  readonly promisesObject: boolean
  readonly maxAnswerBytes: number
}

/** An API's answer as a tool's: structured where it is a JSON object, text or resource otherwise, a failing tool from status 400 on. */
export function answerOf(answered: Answered, place: AnswerPlace): Answer {
  const { status, headers } = answered
  const _meta = { http: { status, headers, requests: answered.requests } }
  if (status >= 400) {
    return { kind: 'relay', result: { content: [{ type: 'text', text: failure(answered) }], isError: true, _meta } }
  }
  const { content, structuredContent } = bodyOf(answered, place)
  const notes = notesOf(answered, place)
  const isMissed = place.promisesObject && structuredContent === undefined
  const missed = `${statusLine(status)}, without the JSON object that its document declares. The call itself succeeded; do not repeat it.`
  const texts = [...notes, ...(isMissed ? [missed] : [])].map((text): Block => ({ type: 'text', text }))
  const result: RelayedResult = {
    content: [...content, ...texts],
    ...(structuredContent !== undefined && { structuredContent }),
    ...(isMissed && { isError: true }),
    _meta,
  }
  return { kind: 'relay', result }
}

function bodyOf({ body, status }: Answered, { toolName, requestId }: AnswerPlace) {
  switch (body.kind) {
    case 'none':
      return { content: [{ type: 'text', text: statusLine(status) }], structuredContent: undefined }
    case 'json':
      return {
        content: [{ type: 'text', text: JSON.stringify(body.value) }],
        structuredContent: isObject(body.value) ? body.value : undefined,
      }
    case 'text':
      return { content: [{ type: 'text', text: body.text }], structuredContent: undefined }
    case 'binary':
      return { content: [binaryBlock(body, `api://${toolName}/${requestId}`)], structuredContent: undefined }
  }
}

function binaryBlock({ base64, mimeType }: { readonly base64: string; readonly mimeType: string }, uri: string): Block {
  const [family] = mimeType.split('/', 1)
  if (family === 'image' || family === 'audio') return { type: family, data: base64, mimeType }
  return { type: 'resource', resource: { uri, mimeType, blob: base64 } }
}

function notesOf(answered: Answered, { maxAnswerBytes }: AnswerPlace): string[] {
  const { headers, note, isCut } = answered
  const leading = leadingHeaders(headers)
  return [
    ...(isCut
      ? [
          `[The answer was longer than ${maxAnswerBytes} bytes; this is its beginning. Ask for less, or page by the parameters of the API.]`,
        ]
      : []),
    ...(note === null ? [] : [`[${note}]`]),
    ...(leading === '' ? [] : [`[${leading}]`]),
  ]
}

const leadingHeaders = (headers: Answered['headers']): string =>
  TELLING.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${headers[name]}`])).join('; ')

function failure(answered: Answered): string {
  const leading = leadingHeaders(answered.headers)
  // Before it is cut, so that the door sees whole values.
  const excerpt = scrubValue(textOf(answered))
  const shown = excerpt.length > EXCERPT_CHARS ? `${excerpt.slice(0, EXCERPT_CHARS)}…` : excerpt
  return [statusLine(answered.status), leading, shown].filter((line) => line !== '').join('\n')
}

function textOf({ body }: Answered): string {
  if (body.kind === 'json') return typeof body.value === 'string' ? body.value : JSON.stringify(body.value)
  if (body.kind === 'text') return body.text
  return body.kind === 'binary' ? `(a body of type ${body.mimeType})` : ''
}

const statusLine = (status: number): string => `The API answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
