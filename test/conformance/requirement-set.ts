/** Revisions whose requirements, frozen at their release, the suite can run: the newest of each era. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const

export type Revision = (typeof REVISIONS)[number]
