import type { Guards } from '../../contract/guard.ts'
import type { Answer, Ending, Visit } from '../../contract/visit.ts'

type CheckName = 'kill' | 'limit' | 'approve' | 'budget' | 'screenArguments' | 'begin'
type ShaperName = 'shape' | 'screenResult'

/** The answers of all modules to one stage, in the order of the modules. */
export interface GuardChain {
  /** Undefined where no module answers or all answered at once: then there is nothing to await. */
  check(name: CheckName, visit: Visit): void | Promise<void>
  shape(name: ShaperName, visit: Visit, answer: Answer): Answer | Promise<Answer>
  finish(visit: Visit, ending: Ending): Promise<void> | undefined
}

/** Collect the guards once, so that a visit looks nothing up. */
export function guardChain(all: readonly Guards[]): GuardChain {
  const checks = (name: CheckName) => all.flatMap((guards) => guards[name] ?? [])
  const shapers = (name: ShaperName) => all.flatMap((guards) => guards[name] ?? [])
  const checkTable = {
    kill: checks('kill'),
    limit: checks('limit'),
    approve: checks('approve'),
    budget: checks('budget'),
    screenArguments: checks('screenArguments'),
    begin: checks('begin'),
  } as const satisfies Record<CheckName, unknown>
  const shaperTable = { shape: shapers('shape'), screenResult: shapers('screenResult') } as const satisfies Record<
    ShaperName,
    unknown
  >
  const finishers = all.flatMap((guards) => guards.finish ?? [])

  return {
    check: (name, visit) => oneAfterAnother(checkTable[name], visit),
    shape: (name, visit, answer) => reshape(shaperTable[name], visit, answer),
    finish: (visit, ending) => finishAll(finishers, visit, ending),
  }
}

// What is known at once is handed on at once: a promise for each stage was a tenth of what a call allocates.

function oneAfterAnother(
  checks: readonly ((visit: Visit) => void | Promise<void>)[],
  visit: Visit,
  from = 0,
): void | Promise<void> {
  for (let index = from; index < checks.length; index++) {
    const waiting = checks[index]!(visit)
    if (waiting) return waiting.then(() => oneAfterAnother(checks, visit, index + 1))
  }
}

function reshape(
  shapers: readonly NonNullable<Guards['shape']>[],
  visit: Visit,
  answer: Answer,
  from = 0,
): Answer | Promise<Answer> {
  let shaped = answer
  for (let index = from; index < shapers.length; index++) {
    const next = shapers[index]!(visit, shaped)
    if (next instanceof Promise) return next.then((other) => reshape(shapers, visit, other, index + 1))
    shaped = next
  }
  return shaped
}

function finishAll(finishers: readonly NonNullable<Guards['finish']>[], visit: Visit, ending: Ending): Promise<void> | undefined {
  const waiting: Promise<void>[] = []
  for (const finish of finishers) {
    const one = finish(visit, ending)
    if (one) waiting.push(one)
  }
  return waiting.length < 2 ? waiting[0] : Promise.all(waiting).then(() => undefined)
}
