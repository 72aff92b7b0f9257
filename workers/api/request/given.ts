import type { ParameterPlan } from '../../../queue/api.lane.ts'

/** A parameter, and what it was given. */
export interface Given {
  readonly plan: ParameterPlan
  readonly value: unknown
}
