import type { Span } from '../../contract/visit.ts'
import { STAGE_WORDS } from './story.ts'

/** One bar of a waterfall, in permille of the whole call. */
export interface Bar {
  readonly stage: string
  /** What people call the stage. */
  readonly words: string
  readonly durationUs: number
  readonly x: number
  readonly width: number
}

/** Where the time of a call went: a bar per stage on one scale, never too thin to see. Pure. */
export function waterfall(spans: readonly Span[]): readonly Bar[] {
  const endUs = Math.max(1, ...spans.map(({ startUs, durationUs }) => startUs + durationUs))
  return spans.map(({ stage, startUs, durationUs }) => {
    const width = Math.max(4, Math.round((1_000 * durationUs) / endUs))
    return {
      stage,
      words: STAGE_WORDS[stage],
      durationUs,
      width,
      x: Math.min(1_000 - width, Math.round((1_000 * startUs) / endUs)),
    }
  })
}
