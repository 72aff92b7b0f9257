import type { z } from 'zod'
import { Fault, type FaultDetail } from '../contract/fault.ts'
import { sentence } from './schema/sentence.ts'

/**
 * Judge an input by its schema.
 *
 * @throws Fault `invalid` that lists every error with its path
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const details = parsed.error.issues.flatMap(describe)
  throw new Fault('invalid', sentence(details), { details, cause: parsed.error })
}

function describe(issue: z.core.$ZodIssue): FaultDetail[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pointer([...issue.path, key]), message: 'There is no field by this name' }))
  }
  return [{ path: pointer(issue.path), message: issue.message }]
}

/** A path as a JSON pointer (RFC 6901). */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
