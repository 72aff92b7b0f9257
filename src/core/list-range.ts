/** Which part of a list a page shows, and where its neighbours begin. */
export interface ListRange {
  /** Places of the first and last entry shown, counted from 1. */
  readonly range: { readonly from: number; readonly until: number }
  readonly nextOffset: number | undefined
  readonly previousOffset: number | undefined
}

/** Where a page begins, as its address says; the beginning of the list for what is no number. */
export const offsetOf = (text: string | undefined): number => Math.max(0, Number.parseInt(text ?? '0', 10) || 0)

/** @param pageSize how many entries a page shows at most */
export function listRange(offset: number, shown: number, total: number, pageSize: number): ListRange {
  const until = offset + shown
  return {
    range: { from: offset + 1, until },
    nextOffset: until < total ? until : undefined,
    previousOffset: offset > 0 ? Math.max(0, offset - pageSize) : undefined,
  }
}
