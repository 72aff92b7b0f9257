import type { Visit } from '../../contract/visit.ts'
import { Call } from './call.ts'
import type { Question } from './question.ts'

/** The calls that one upstream works on, by the ids of their visits. */
export class Calls {
  readonly #calls = new Map<number, Call>()

  /** The oldest first. */
  all(): readonly Call[] {
    return [...this.#calls.values()]
  }

  begin(question: Question, visit: Visit): Call {
    const call = new Call(question, visit)
    this.#calls.set(visit.id, call)
    return call
  }

  end(call: Call): void {
    this.#calls.delete(call.visit.id)
    call.end()
  }

  /** Take a call back. @returns whether there was one */
  cancel(id: number, by: string): boolean {
    const call = this.#calls.get(id)
    call?.cancel(by)
    return call !== undefined
  }
}
