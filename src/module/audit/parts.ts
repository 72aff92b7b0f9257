import type { CallSource, ListedCall } from './call-list.ts'
import type { CallStart } from './call-record.ts'

/** How many parts of a call a list shows; all of them are found by `parentId`. */
const SHOWN_PARTS = 10

/** The first parts of a call, in the order in which they began. */
interface Parts {
  readonly calls: readonly ListedCall[]
  /** Whether there are more than these. */
  readonly more: boolean
}

/**
 * Whether a call is shown under the one that it is part of, and not by itself. Parts of what a page of the console does are not: that is
 * itself left out of most lists.
 */
export const isUnderParent = ({ parent_id, transport }: Pick<CallStart, 'parent_id' | 'transport'>): boolean =>
  parent_id !== null && transport !== 'web'

/** The parts of a call that are shown under it. */
export async function partsOf({ db, running }: CallSource, id: number): Promise<Parts> {
  const ended = await db
    .selectFrom('call')
    .selectAll()
    .where('parent_id', '=', id)
    .where('transport', '<>', 'web')
    .orderBy('id')
    .limit(SHOWN_PARTS + 1)
    .execute()
  const open = [...running].filter((start) => start.parent_id === id && isUnderParent(start))
  const calls: ListedCall[] = [...ended, ...open].sort((a, b) => a.id - b.id)
  return { calls: calls.slice(0, SHOWN_PARTS), more: calls.length > SHOWN_PARTS }
}
