import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { apiLane } from '../../queue/api.lane.ts'
import type { HopAnswer } from '../../src/core/egress/exchange.ts'
import type { Hider } from './hider.ts'

type Answered = z.input<typeof apiLane.result>
type Read = Pick<Answered, 'body' | 'note'>

const JSON_TYPE = /^(?:application|text)\/(?:[a-z0-9.+_-]+\+)?json$/
const TEXT_TYPE =
  /^(?:text\/|application\/(?:xml|javascript|x-ndjson|graphql|x-www-form-urlencoded|yaml|x-yaml|toml|sql)$)|\+(?:xml|yaml)$/
const NO_NOTE = null
/** More than any answer has that means something, and less than what a stack holds. */
const MAX_DEPTH = 1_000

/**
 * Say what a body is.
 *
 * @param accept what the API promised to answer with; without any, everything is as promised
 * @param asItIs JSON stays the text that it came as: whoever speaks the API itself wants every digit of its numbers
 */
export function readAnswer(answer: HopAnswer, accept: readonly string[], hider: Hider, asItIs = false): Read {
  const { body, isCut } = answer
  if (body.length === 0) return { body: { kind: 'none' }, note: isCut ? 'The answer did not come in time.' : NO_NOTE }
  const { mimeType, charset } = contentType(answer.headers['content-type'])
  if (JSON_TYPE.test(mimeType) && !asItIs) return readJson(answer, mimeType, hider)
  const text =
    TEXT_TYPE.test(mimeType) || JSON_TYPE.test(mimeType) || mimeType === ''
      ? decode(body, charset, isCut || mimeType !== '')
      : undefined
  if (text === undefined)
    return {
      body: { kind: 'binary', base64: hider.bytes(body).toString('base64'), mimeType: mimeType || 'application/octet-stream' },
      note: NO_NOTE,
    }
  const note = surprise(answer.status, mimeType, accept)
  const plain = JSON_TYPE.test(mimeType) ? hiddenInJson(text, hider, isCut) : hider.text(text, isCut)
  return { body: { kind: 'text', text: plain, mimeType: mimeType || 'text/plain' }, note }
}

/** JSON is UTF-8, whatever its header says (RFC 8259, 8.1). */
function readJson({ body, isCut }: HopAnswer, mimeType: string, hider: Hider): Read {
  const text = new TextDecoder().decode(body)
  if (isDeep(text)) {
    const note = `The answer is JSON nested deeper than ${MAX_DEPTH} levels, so it is given as text.`
    return { body: { kind: 'text', text: hider.text(text, isCut), mimeType }, note }
  }
  try {
    return { body: { kind: 'json', value: hider.json(JSON.parse(text), text) }, note: NO_NOTE }
  } catch {
    const note = isCut
      ? 'The answer was JSON and is cut, so it is given as text.'
      : 'The answer says that it is JSON and cannot be read as JSON.'
    return { body: { kind: 'text', text: hider.text(text, isCut), mimeType }, note }
  }
}

/** Judged by the text alone, because whatever walks a value that is too deep uses up its stack; brackets within texts count as well. */
function isDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length && depth <= MAX_DEPTH; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) depth += 1
    else if (code === 0x5d || code === 0x7d) depth -= 1
  }
  return depth > MAX_DEPTH
}

/** As it came, unless something is hidden in it that its escapes make look like something else. */
function hiddenInJson(text: string, hider: Hider, isCut: boolean): string {
  try {
    const value: unknown = JSON.parse(text)
    const plain = hider.json(value, text)
    return plain === value || isDeepStrictEqual(plain, value) ? text : JSON.stringify(plain)
  } catch {
    return hider.text(text, isCut)
  }
}

/** A sign-in page or a page of a proxy, instead of what the API promised. */
function surprise(status: number, mimeType: string, accept: readonly string[]): string | null {
  const isOdd = status < 300 && mimeType === 'text/html' && accept.some(isJson) && !accept.some((type) => type.includes('html'))
  return isOdd
    ? `The API promised JSON and answered ${status} with a page of HTML; perhaps it wants somebody to sign in.`
    : NO_NOTE
}

const isJson = (type: string): boolean => JSON_TYPE.test(contentType(type).mimeType)

function contentType(value: string | undefined): { readonly mimeType: string; readonly charset: string } {
  const [mimeType = '', ...parameters] = (value ?? '').toLowerCase().split(';')
  const charset = parameters.map((one) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(one)?.[1]).find((one) => one !== undefined)
  return { mimeType: mimeType.trim().slice(0, 200), charset: charset ?? 'utf-8' }
}

/** Undefined for what is no text in that encoding, unless it is called text: then what cannot be read is replaced. */
function decode(body: Buffer, charset: string, isLenient: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: !isLenient }).decode(body)
  } catch {
    return isLenient ? new TextDecoder().decode(body) : undefined
  }
}
