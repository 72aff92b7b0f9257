import { z } from 'zod'
import { MAX_PER_FRAME } from './limits.ts'

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** Whole numbers from 0 on. One tight loop: these are read for every job. */
export const counts = z.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.length <= MAX_PER_FRAME && value.every(isCount),
  'Expected whole numbers.',
)

/** Columns of a table, one row for each job: what goes over the wire is then mostly digits. All must be equally long. */
export const areAligned = (message: object): boolean => {
  let length: number | undefined
  for (const column of Object.values(message)) {
    if (!Array.isArray(column)) continue
    length ??= column.length
    if (column.length !== length) return false
  }
  return true
}
