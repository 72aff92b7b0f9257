import type { z } from 'zod'
import type { StoreState } from '../../contract/store.ts'
import { CHECKS, type CheckResult } from './check.ts'
import type { Result, Store, VerdictShape } from './monitor.shapes.ts'
import type { Round } from './rounds.ts'
import { verdictOf } from './verdict.ts'

/** A result with its unit. */
export const shownResult = (result: CheckResult): z.input<typeof Result> => ({ ...result, unit: CHECKS[result.check].unit })

/** What a round came to; before the first, that nothing is known. */
export const shownVerdict = (round: Round | undefined): z.input<typeof VerdictShape> => ({
  ...(round?.verdict ?? verdictOf([])),
  at: round?.look.at ?? null,
  since: round?.since ?? null,
})

/** How a store fares. */
export const shownStore = ({ writes, writeMs, ...state }: StoreState): z.input<typeof Store> => ({
  ...state,
  writes,
  meanWriteMs: writes === 0 ? null : writeMs / writes,
})
