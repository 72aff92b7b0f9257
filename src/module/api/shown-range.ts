/** Which part of a list a page shows, and where the pages beside it begin. */
export interface ShownRange {
  readonly offset: number
  readonly total: number
  /** Counted from 1. */
  readonly from: number
  readonly until: number
  readonly next: number | undefined
  readonly previous: number | undefined
}

/** The part of a list that begins at `wanted`, or the first where there is none. Pure. */
export function shownRange(total: number, wanted: number, size: number): ShownRange {
  const offset = Number.isInteger(wanted) && wanted > 0 && wanted < total ? wanted : 0
  const until = Math.min(total, offset + size)
  return {
    ...{ offset, total, until },
    from: total === 0 ? 0 : offset + 1,
    next: until < total ? until : undefined,
    previous: offset > 0 ? Math.max(0, offset - size) : undefined,
  }
}
