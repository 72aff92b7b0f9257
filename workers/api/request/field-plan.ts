import type { BodyPlan, FieldPlan } from '../../../queue/api.lane.ts'
import { isObject } from './text-of.ts'

/** How a field is written; one that the document does not name, as is usual. */
export function fieldPlan({ fields }: BodyPlan, name: string, value: unknown): FieldPlan {
  const usual = isObject(value) ? ('json' as const) : ('form' as const)
  return fields.find((field) => field.name === name) ?? { name, contentType: null, style: usual, explode: true, isFile: false }
}
