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
    shape: (name, visit, answer) => (shaperTable[name].length === 0 ? answer : reshape(shaperTable[name], visit, answer)),
    finish: (visit, ending) =>
      finishers.length === 0 ? undefined : Promise.all(finishers.map((finish) => finish(visit, ending))).then(() => undefined),
  }
}

function oneAfterAnother(checks: readonly ((visit: Visit) => void | Promise<void>)[], visit: Visit): void | Promise<void> {
  for (const [index, check] of checks.entries()) {
    const waiting = check(visit)
    if (waiting) return waiting.then(() => oneAfterAnother(checks.slice(index + 1), visit))
  }
}

async function reshape(shapers: readonly NonNullable<Guards['shape']>[], visit: Visit, answer: Answer): Promise<Answer> {
  let shaped = answer
  for (const shaper of shapers) shaped = await shaper(visit, shaped)
  return shaped
}
