import type { BodyPlan, FieldPlan } from '../../../queue/api.lane.ts'
import { isObject } from './text-of.ts'

type Settled = FieldPlan & { readonly style: Exclude<FieldPlan['style'], 'usual'> }

/** How a field with this value is written; one that the document does not name, as is usual. */
export function fieldPlan({ fields, kind }: BodyPlan, name: string, value: unknown): Settled {
  const field = fields.find((each) => each.name === name) ?? { ...UNNAMED, name }
  return { ...field, style: field.style === 'usual' ? usualStyle(field, kind, value) : field.style }
}

const UNNAMED = { contentType: null, style: 'usual', explode: true, isFile: false, takesText: false } as const

/** A form has no parts that could each say that they are JSON, so a list that is JSON is one value there. */
function usualStyle({ contentType }: FieldPlan, kind: BodyPlan['kind'], value: unknown): 'json' | 'form' {
  const isWhole = isObject(value) || (kind === 'form' && Array.isArray(value) && contentType?.includes('json') === true)
  return isWhole ? 'json' : 'form'
}
