import type { Visit } from '../../contract/visit.ts'
import { Roster } from '../../core/churn/roster.ts'
import { Call } from './call.ts'
import type { Question } from './question.ts'

/** The calls that one upstream works on. */
export class Calls {
  readonly #calls = new Roster<Call>()

  /** The oldest first. */
  all(): readonly Call[] {
    return this.#calls.all()
  }

  begin(question: Question, visit: Visit): Call {
    const call = new Call(question, visit)
    call.seat = this.#calls.add(call)
    return call
  }

  end(call: Call): void {
    call.end()
  }

  /** Take back all that is asked in the name of one visit. @returns whether there was something */
  cancel(visitId: number, by: string): boolean {
    const found = this.all().filter(({ visit }) => visit.id === visitId)
    for (const call of found) call.cancel(by)
    return found.length > 0
  }
}
