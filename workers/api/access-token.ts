import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Credential } from '../../queue/api.lane.ts'
import type { Limits } from '../../src/core/egress/exchange.ts'
import { SendFailure } from '../../src/core/egress/send-failure.ts'
import type { Sender } from '../../src/core/egress/sender.ts'

type ClientCredentials = Extract<Credential, { kind: 'oauth2' }>

/** RFC 6749, 5.1. */
const Granted = z.object({
  access_token: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .max(16_384),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().optional(),
})

const Refused = z.object({ error: z.string().max(200), error_description: z.string().max(500).optional() })

interface Held {
  readonly token: string
  /** Ms since the epoch. */
  readonly until: number
}

/** A token is not used in its last seconds, because clocks differ and requests take time. */
const MARGIN_MS = 30_000
/** Of tokens whose end is not told. */
const DEFAULT_LIFE_MS = 300_000
const MAX_ANSWER_BYTES = 65_536
const MAX_HELD = 1_000
/** How long a token server may take. */
const TOKEN_TIMEOUT_MS = 10_000

/** The access tokens of one thread, by whom they were given to. */
export class AccessTokens {
  readonly #sender: Sender
  readonly #held = new Map<string, Held>()
  readonly #asked = new Map<string, Promise<Held>>()
  readonly #nowMs: () => number

  constructor(sender: Sender, nowMs: () => number) {
    this.#sender = sender
    this.#nowMs = nowMs
  }

  /** One that holds for a while yet. Whoever comes while one is asked for waits for that one. @throws SendFailure */
  async get(credential: ClientCredentials, limits: Limits): Promise<string> {
    const key = keyOf(credential)
    const held = this.#held.get(key)
    if (held !== undefined && held.until > this.#nowMs()) return held.token
    const asked = this.#asked.get(key) ?? this.#ask(key, credential)
    return (await orGivenUp(asked, limits)).token
  }

  /** The API does not take it any more. */
  forget(credential: ClientCredentials, token: string): void {
    const key = keyOf(credential)
    if (this.#held.get(key)?.token === token) this.#held.delete(key)
  }

  /** Not under the limits of the first caller, because others wait as well. */
  #ask(key: string, credential: ClientCredentials): Promise<Held> {
    const asked = fetchToken(this.#sender, credential, this.#nowMs)
    this.#asked.set(key, asked)
    asked.then(
      (held) => this.#keep(key, held),
      () => this.#asked.delete(key),
    )
    return asked
  }

  #keep(key: string, held: Held): void {
    this.#asked.delete(key)
    this.#held.set(key, held)
    if (this.#held.size > MAX_HELD) this.#held.delete(this.#held.keys().next().value!)
  }
}

/** The secret too: a new one gets a new token. */
function keyOf({ tokenUrl, clientId, clientSecret, scope }: ClientCredentials): string {
  return createHash('sha256')
    .update(JSON.stringify([tokenUrl, clientId, clientSecret, scope]))
    .digest('base64')
}

async function fetchToken(
  sender: Sender,
  { tokenUrl, clientId, clientSecret, scope, authentication }: ClientCredentials,
  nowMs: () => number,
): Promise<Held> {
  const url = new URL(tokenUrl)
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== null && { scope }) })
  if (authentication === 'body') {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  }
  // RFC 6749, 2.3.1: both are encoded as a form before they are joined.
  const basic = Buffer.from([clientId, clientSecret].map(formEncoded).join(':')).toString('base64')
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'user-agent': 'gatehouse',
    ...(authentication === 'basic' && { authorization: `Basic ${basic}` }),
  }
  const hop = { url, method: 'POST', headers, body: form.toString(), maxAnswerBytes: MAX_ANSWER_BYTES }
  const { status, body } = await sender.send(hop, { signal: NEVER, late: AbortSignal.timeout(TOKEN_TIMEOUT_MS) })
  const granted = Granted.safeParse(parsed(body))
  if (status >= 300 || !granted.success) throw refusal(url, status, body)
  const { access_token: token, expires_in: lifeSeconds } = granted.data
  const lifeMs = lifeSeconds === undefined ? DEFAULT_LIFE_MS : lifeSeconds * 1_000
  return { token, until: nowMs() + Math.max(lifeMs / 2, lifeMs - MARGIN_MS) }
}

const NEVER = new AbortController().signal

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** With the server's own error code, and nothing else of what it says: it may repeat the secret. */
function refusal({ origin }: URL, status: number, body: Buffer): SendFailure {
  const { data } = Refused.safeParse(parsed(body))
  const code = data === undefined || !/^[\w.-]+$/.test(data.error) ? '' : `, ${data.error}`
  const why =
    status < 300 ? `answered ${status} without an access token of the kind bearer` : `refused an access token (${status}${code})`
  return new SendFailure('upstream', `${origin} ${why}. Check client id, client secret and scope of this API.`, true)
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

async function orGivenUp<T>(work: Promise<T>, { signal, late }: Limits): Promise<T> {
  signal.throwIfAborted()
  const over = AbortSignal.any([signal, late])
  let giveUp = (): void => {}
  const given = new Promise<never>((_, fail) => {
    giveUp = () => fail(signal.aborted ? signal.reason : new SendFailure('timeout', 'No access token came in time.', false))
    over.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([work, given])
  } finally {
    over.removeEventListener('abort', giveUp)
  }
}
