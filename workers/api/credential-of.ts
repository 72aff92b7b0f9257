import type { z } from 'zod'
import { type apiLane, Credential } from '../../queue/api.lane.ts'
import type { TaskContext } from '../../queue/lane.ts'

type Request = Exclude<z.output<typeof apiLane.payload>, { kind: 'fetch' }>
type Asked = Pick<Request, 'asksCredential' | 'credentialKey'>

const NONE: Credential = { kind: 'none' }
const MAX_KEPT = 256

/** The credentials that a thread was told, in memory alone. */
export class Credentials {
  readonly #kept = new Map<string, Promise<Credential>>()

  /** What a request is sent with; asked for once as long as it is the same. @throws TaskAskError */
  async of({ asksCredential, credentialKey }: Asked, context: TaskContext): Promise<Credential> {
    if (!asksCredential) return NONE
    if (credentialKey === null) return ask(context)
    const kept = this.#kept.get(credentialKey) ?? this.#ask(credentialKey, context)
    // Whoever else asked may have been called off; that is no answer for this request.
    return kept.catch(() => ask(context))
  }

  #ask(key: string, context: TaskContext): Promise<Credential> {
    const asked = ask(context)
    this.#kept.set(key, asked)
    asked.catch(() => this.#kept.delete(key))
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return asked
  }
}

const ask = async (context: TaskContext): Promise<Credential> => Credential.parse(await context.ask('credential', {}))
