import type { Goal } from '../goal.ts'
import type { FunctionReport } from './function-bench.ts'

/** The targets that `--check` enforces. */
export function goalsOf({ timings, overshoots, memory }: Omit<FunctionReport, 'goals'>): Goal[] {
  const p50 = (name: string): number => timings.find((timing) => timing.name === name)?.p50Ms ?? Number.NaN
  const sandbox = p50('sandbox alone')
  return [
    { what: 'sandbox with fresh state, p50', value: sandbox, unit: 'ms', bound: 'at most', limit: 0.5 },
    { what: 'end to end through REST, p50', value: p50('end to end through REST'), unit: 'ms', bound: 'at most', limit: 1.5 },
    {
      what: 'sandbox against a fresh process',
      value: p50('fresh Node process') / sandbox,
      unit: '×',
      bound: 'at least',
      limit: 60,
    },
    {
      what: 'stopped after the deadline, worst median',
      value: Math.max(...overshoots.map(({ medianMs }) => medianMs)),
      unit: 'ms',
      bound: 'at most',
      limit: 10,
    },
    {
      what: `growth of the process under memory bombs of ${Math.round(memory.limitMb)} MB`,
      value: memory.mostMb - memory.beforeMb,
      unit: 'MB',
      bound: 'at most',
      limit: 200,
    },
  ]
}
