import { z } from 'zod'
import { apiLane } from '../../../queue/api.lane.ts'
import { Fault } from '../../contract/fault.ts'
import { RawAnswer, RawCall } from '../../contract/raw-call.ts'
import type { Effect, Tool } from '../../contract/tool.ts'
import type { Answer, Visit } from '../../contract/visit.ts'
import { byFixed, isAmbiguous, matchesTemplate, resembles } from '../../core/egress/path-template.ts'
import { parseInput } from '../../core/parse-input.ts'
import type { Answered } from './answer-of.ts'
import { commonOf, jobOptions } from './api-tool.ts'
import { type Offered, toolNameOf } from './offered.ts'
import type { RegisteredApi } from './registry.ts'

/** `x/<alias>/<METHOD> <path>`, see `rawCallName`. */
const ASKED = /^x\/([a-z0-9-]+)\/([A-Z]+) (\/.*)$/s
const PASS = /^([a-z0-9-]+)__pass$/
/** What a caller may say besides method, path and body; who it is from, the gateway says. */
const REQUEST_HEADERS = new Set([
  ...['accept', 'accept-language', 'content-type', 'content-language', 'prefer', 'range', 'idempotency-key'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'],
])
/** Made once: it cost a twentieth of each call. */
const RAW_SCHEMA = z.toJSONSchema(RawCall, { io: 'input' }) as Tool['definition']['inputSchema']
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const IDEMPOTENT = new Set([...SAFE, 'PUT', 'DELETE'])

/** The right to requests that no operation of the document describes. */
export const passPermit = (alias: string): string => `api.pass:${alias}`

/**
 * The tool for a request in the API's own shape: that of the operation whose path it fits, with its name and right; else `<alias>__pass`.
 *
 * None where the operation is switched off, or where there is no such API.
 */
export function passTool(name: string, find: (alias: string) => RegisteredApi | undefined): Tool | undefined {
  const [, plain] = PASS.exec(name) ?? []
  if (plain !== undefined) {
    const api = find(plain)
    return api?.row.enabled === 1 ? rawTool(api, undefined, undefined) : undefined
  }
  const [, alias = '', method = '', path = ''] = ASKED.exec(name) ?? []
  const api = find(alias)
  if (api?.row.enabled !== 1) return undefined
  const fitting = operationAt(api, method, path)
  if (fitting && (!fitting.enabled || fitting.reason !== undefined)) return undefined
  return rawTool(api, fitting, { method, path })
}

/**
 * The one that the API may take it for: also one with a server of its own below that of the API, by its whole path, and one that differs by
 * capitals or a slash at its end. Of two alike it is the one that it spells.
 */
function operationAt({ offered, definition }: RegisteredApi, method: string, path: string): Offered | undefined {
  const address = `${baseOf(definition)}${path}`
  const isAt = ({ plan }: Offered): boolean => resembles(plan.path, path) || resembles(`${plan.serverUrl}${plan.path}`, address)
  const fits = (wanted: string) => (one: Offered) => one.plan.method === wanted && isAt(one)
  const found = offered.filter(fits(method))
  const all = found.length === 0 && method === 'HEAD' ? offered.filter(fits('GET')) : found
  const isSpelt = ({ plan }: Offered): number => Number(matchesTemplate(plan.path, path))
  return all.toSorted((a, b) => byFixed(a.plan.path, b.plan.path) || isSpelt(b) - isSpelt(a))[0]
}

const baseOf = ({ serverUrl }: RegisteredApi['definition']): string => serverUrl.replace(/\/+$/, '')

interface Address {
  readonly method: string
  readonly path: string
}

function rawTool(api: RegisteredApi, fitting: Offered | undefined, address: Address | undefined): Tool {
  const { alias } = api.row
  const name = fitting?.name ?? toolNameOf(alias, 'pass')
  const effect: Effect = fitting?.effect ?? (address && SAFE.has(address.method) ? 'read' : 'erase')
  return {
    name,
    source: alias,
    localName: fitting?.localName ?? 'pass',
    kind: 'dynamic',
    permit: fitting?.permit ?? passPermit(alias),
    effect,
    idempotent: fitting?.idempotent ?? (address !== undefined && IDEMPOTENT.has(address.method)),
    definition: {
      name,
      description: `Send a request to ${alias} in its own shape.`,
      inputSchema: RAW_SCHEMA,
    },
    parse: (raw) => parseRaw(api, raw, address),
    run: (visit) => pass(api, fitting, visit),
  }
}

/** What is sent is what was asked for by name, so that the right that was looked at is the right one. */
function parseRaw(api: RegisteredApi, raw: unknown, address: Address | undefined): RawCall {
  const call = parseInput(RawCall, raw ?? {})
  const [path = ''] = call.target.split('?', 1)
  if (isAmbiguous(path))
    throw new Fault('invalid', `The path ${path.slice(0, 200)} can be read in more than one way. Write it plainly.`)
  if (address && (call.method !== address.method || path !== address.path))
    throw new Fault('invalid', 'The method and path of the request are not those that it was addressed with.')
  const described = address ? undefined : operationAt(api, call.method, path)
  if (described)
    throw new Fault('invalid', `${call.method} ${path.slice(0, 200)} is the operation ${described.name}. Call that instead.`)
  const headers = Object.entries(call.headers).filter(([name]) => REQUEST_HEADERS.has(name.toLowerCase()))
  return { ...call, headers: Object.fromEntries(headers) }
}

async function pass({ ground, definition }: RegisteredApi, fitting: Offered | undefined, visit: Visit): Promise<Answer> {
  const { method, target, headers, body } = visit.arguments as RawCall
  const isRepeatable = fitting?.idempotent ?? IDEMPOTENT.has(method)
  const isOwn = fitting !== undefined && matchesTemplate(fitting.plan.path, target.split('?', 1)[0]!)
  const serverUrl = isOwn ? fitting.plan.serverUrl : baseOf(definition)
  const payload = { kind: 'pass', ...commonOf(ground, visit, isRepeatable), serverUrl, method, target, headers, body } as const
  const answered = await ground.house.queue.run(apiLane, payload, jobOptions(ground, visit, isRepeatable))
  return { kind: 'data', data: RawAnswer.parse(rawAnswer(answered)) }
}

const rawAnswer = ({ status, headers, body, isCut }: Answered): RawAnswer => ({ status, headers, isCut, ...bodyOf(body) })

function bodyOf(body: Answered['body']): Pick<RawAnswer, 'text' | 'base64'> {
  switch (body.kind) {
    case 'none':
      return { text: null, base64: null }
    case 'json':
      return { text: JSON.stringify(body.value), base64: null }
    case 'text':
      return { text: body.text, base64: null }
    case 'binary':
      return { text: null, base64: body.base64 }
  }
}
