import type { BodyPlan } from '../../../queue/api.lane.ts'
import { Fault } from '../../../src/contract/fault.ts'
import { bytesOf } from './bytes-of.ts'
import { fieldPlan } from './field-plan.ts'
import type { Given } from './given.ts'
import { multipartOf } from './multipart-of.ts'
import { pairsOf } from './query-of.ts'
import { isObject, membersOf, percentEncoded, textOf } from './text-of.ts'

/** A body, and the header that says what it is. */
export interface Body {
  readonly content: string | Uint8Array
  readonly contentType: string
}

/**
 * The body that an operation makes of its argument; `null` where none was given.
 *
 * @param headers of parts of a multipart body
 * @throws Fault `invalid`
 */
export function bodyOf(plan: BodyPlan, value: unknown, headers: readonly Given[]): Body | null {
  if (value === undefined) return null
  const { contentType, argument } = plan
  switch (plan.kind) {
    case 'json':
      return { content: JSON.stringify(value), contentType }
    case 'text':
      return { content: textOf(value), contentType }
    case 'binary':
      return { content: bytesOf(value, argument), contentType }
    case 'form':
      return { content: formOf(plan, value), contentType }
    case 'multipart':
      return multipartOf(plan, fieldsIn(value, argument), headers)
  }
}

const formOf = (plan: BodyPlan, value: unknown): string =>
  fieldsIn(value, plan.argument)
    .flatMap(([name, each]) => pairsOf(fieldPlan(plan, name, each), each, percentEncoded))
    .join('&')

function fieldsIn(value: unknown, argument: string): [string, unknown][] {
  if (!isObject(value)) {
    const message = 'an object with the fields of the form was expected'
    throw new Fault('invalid', `${argument}: ${message}.`, { details: [{ path: `/${argument}`, message }] })
  }
  return membersOf(value)
}
