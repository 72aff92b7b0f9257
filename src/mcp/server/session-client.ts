import type { Client, Standing } from '../../contract/visit.ts'
import { askClient, type Delivery } from './ask-client.ts'
import { isLoudEnough } from './log-level.ts'
import { mayHear } from './may-hear.ts'
import { isRecord } from './message.ts'
import { notificationText } from './response-text.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** The client of one session, as tools and servers know it. It lives as long as the session does. */
export class SessionClient implements Client, Standing {
  readonly capabilities: Client['capabilities']
  readonly info: NonNullable<Client['info']>
  readonly takesInputRequired = false
  readonly #session: Session
  readonly #state: ServerState

  constructor(state: ServerState, session: Session) {
    this.#state = state
    this.#session = session
    this.capabilities = session.capabilities
    this.info = session.info
  }

  get logLevel(): string | undefined {
    return this.#session.level
  }

  get source(): string | undefined {
    return this.#session.source
  }

  get standing(): Standing {
    return this
  }

  // Properties, because whoever is handed one of them alone may call it.
  readonly notify: Standing['notify'] = (method, params) => {
    const level = isRecord(params) ? params['level'] : undefined
    if (method === 'notifications/message' && !isLoudEnough(level, this.#session.level)) return false
    const { stream, source } = this.#session
    if (stream && !mayHear(this.#state.backend, stream.caller, source, method, params)) return false
    return this.#put(notificationText(method, params)) !== 'lost'
  }

  readonly ask: Standing['ask'] = async (method, params, signal) => {
    const { limits, nowMs } = this.#state
    return askClient({
      session: this.#session,
      call: undefined,
      channel: { put: (json) => this.#put(json) },
      method,
      params,
      signal,
      maxQuestions: limits.maxQuestionsPerSession,
      nowMs: nowMs(),
      answerMs: limits.answerMs,
    })
  }

  /** What nobody hears now is kept for a while, for when the client listens again. */
  #put(json: string): Delivery {
    const { store, sessions, nowMs } = this.#state
    const session = this.#session
    if (session.stream?.send(json, nowMs())) return 'sent'
    if (!sessions.has(session) || !store.fits(json)) return 'lost'
    store.keep({ session, stream: '', number: 0, json, keptAt: nowMs() })
    return 'waits'
  }
}
