import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { RPC, RpcError } from '../../rpc.ts'
import { canonicalJson } from './canonical-json.ts'

/** What a `requestState` of ours stands for. */
export type RequestState = z.output<typeof requestState>

/** A request that a state is given to, and that alone may bring it back. */
export interface Bearer {
  readonly callerId: string
  readonly source: string | undefined
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

const requestState = z.discriminatedUnion('kind', [
  /** A call that waits here for answers. */
  z.strictObject({ kind: z.literal('parked'), call: z.string(), round: z.int(), expiresAt: z.int() }),
  /** A server's own state, handed on and back as it came. */
  z.strictObject({ kind: z.literal('relayed'), nonce: z.string(), round: z.int(), state: z.string(), expiresAt: z.int() }),
])

/**
 * Seals what a client carries between the rounds of a request, so that it comes back unchanged, in time, from the same caller and with the
 * same request (MCP 2026-07-28, multi round-trip requests).
 */
export class StateCodec {
  readonly #key: Buffer
  readonly #nowMs: () => number

  /** @param key 32 bytes that serve no other purpose */
  constructor(key: Buffer, nowMs: () => number) {
    this.#key = key
    this.#nowMs = nowMs
  }

  seal(state: RequestState, bearer: Bearer): string {
    const body = Buffer.from(JSON.stringify(state)).toString('base64url')
    return `${body}.${this.#sign(body, bearer).toString('base64url')}`
  }

  /** @throws RpcError -32602 for anything but what `seal` made for this very request, not expired */
  open(text: unknown, bearer: Bearer): RequestState {
    const [body, mac, more] = typeof text === 'string' ? text.split('.') : []
    if (body === undefined || mac === undefined || more !== undefined) throw refusedState()
    const expected = this.#sign(body, bearer).toString('base64url')
    if (mac.length !== expected.length || !timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) throw refusedState()
    const state = requestState.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
    if (state.expiresAt <= this.#nowMs()) throw expiredState()
    return state
  }

  #sign(body: string, { callerId, source, method, params }: Bearer): Buffer {
    const { name, uri, arguments: args = {} } = params
    const bound = canonicalJson([callerId, source ?? null, method, name, uri, args])
    return createHmac('sha256', this.#key).update(`${body}\n${bound}`).digest()
  }
}

/** A state that was answered before, or whose call is over. */
export const spentState = (): RpcError =>
  new RpcError(
    RPC.invalidParams,
    'What waited for this requestState was answered already, or has ended. Send the request anew, without it.',
  )

const refusedState = (): RpcError =>
  new RpcError(RPC.invalidParams, 'The requestState is none that was given to you for this request. Send it exactly as it came.')

const expiredState = (): RpcError =>
  new RpcError(RPC.invalidParams, 'The requestState has expired. Send the request anew, without it.')
