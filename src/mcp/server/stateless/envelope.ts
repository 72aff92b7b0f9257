import type { IncomingHttpHeaders } from 'node:http'
import { META } from '../../meta-key.ts'
import { NAMED_BY } from '../../named-by.ts'
import { RPC, type RpcId, type RpcRequest } from '../../rpc.ts'
import { STATELESS_REVISION } from '../../stateless-revision.ts'
import { isLogLevel, LOG_LEVEL_LIST, type LogLevel } from '../log-level.ts'
import { isId, isRecord } from '../message.ts'
import { Refusal } from '../refusal.ts'
import { decodeHeader } from './header-value.ts'
import { SERVED_REVISIONS } from './served-revisions.ts'

type Params = Readonly<Record<string, unknown>>

/** What every request of the stateless era says of its sender, in `params._meta`. */
export interface Envelope {
  readonly capabilities: Params
  readonly info: Params | undefined
  /** From which level on log messages of this request are wanted; without it, none. */
  readonly logLevel: LogLevel | undefined
  readonly progressToken: RpcId | undefined
}

/**
 * Judge `_meta` and the headers that repeat parts of the body.
 *
 * @throws Refusal 400 with -32602 (a field of `_meta`), -32020 (header missing or another than the body), -32022 (another revision)
 */
export function readEnvelope(headers: IncomingHttpHeaders, { id, method, params = {} }: RpcRequest): Envelope {
  const meta = params['_meta']
  if (!isRecord(meta)) throw badMeta(id, 'The field params._meta must be an object.')
  const version = meta[META.protocolVersion]
  if (typeof version !== 'string') throw badMeta(id, missing(META.protocolVersion, 'the revision that is spoken'))
  requireSame(headers, id, 'MCP-Protocol-Version', version)
  if (version !== STATELESS_REVISION) throw unsupported(id, version)
  requireSame(headers, id, 'Mcp-Method', method)
  requireName(headers, id, method, params)
  return readMeta(id, meta)
}

function readMeta(id: RpcId, meta: Params): Envelope {
  const capabilities = meta[META.clientCapabilities]
  if (!isRecord(capabilities)) throw badMeta(id, missing(META.clientCapabilities, 'an object with what the client can do'))
  const info = meta[META.clientInfo]
  if (info !== undefined && !isRecord(info)) throw badMeta(id, `The field ${META.clientInfo} of _meta must be an object.`)
  const logLevel = meta[META.logLevel]
  if (logLevel !== undefined && !isLogLevel(logLevel))
    throw badMeta(id, `The field ${META.logLevel} of _meta must be one of ${LOG_LEVEL_LIST}.`)
  const token = meta['progressToken']
  return { capabilities, info, logLevel, progressToken: isId(token) ? token : undefined }
}

function requireName(headers: IncomingHttpHeaders, id: RpcId, method: string, params: Params): void {
  const field = NAMED_BY.get(method)
  const named = field === undefined ? undefined : params[field]
  // A body without it is refused by its method, which knows better what is missing.
  if (typeof named !== 'string') return
  const sent = headers['mcp-name']
  if (sent === named && !named.startsWith('=?')) return
  if (typeof sent !== 'string') throw mismatch(id, `The header Mcp-Name is missing. It repeats params.${field}.`)
  if (decodeHeader(sent) !== named) throw mismatch(id, `The header Mcp-Name is another than params.${field}.`)
}

function requireSame(headers: IncomingHttpHeaders, id: RpcId, name: string, expected: string): void {
  const sent = headers[name.toLowerCase()]
  if (sent === expected) return
  throw mismatch(
    id,
    sent === undefined
      ? `The header ${name} is missing.`
      : `The header ${name} says something else than the body of the request.`,
  )
}

/** A header that is missing, malformed or another than the body. */
export const mismatch = (id: RpcId, message: string): Refusal => new Refusal(400, RPC.headerMismatch, message, { id })

const badMeta = (id: RpcId, message: string): Refusal => new Refusal(400, RPC.invalidParams, message, { id })

const missing = (key: string, what: string): string => `The field ${key} of _meta is missing. It must be ${what}.`

function unsupported(id: RpcId, requested: string): Refusal {
  const message = `This revision of MCP is not served by requests of their own. Send ${STATELESS_REVISION}, or begin a session with initialize.`
  return new Refusal(400, RPC.unsupportedVersion, message, { id, data: { supported: SERVED_REVISIONS, requested } })
}
