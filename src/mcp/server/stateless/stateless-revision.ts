import { REVISIONS } from '../revision.ts'

/** The one revision of the stateless era that is served. */
export const STATELESS_REVISION = '2026-07-28'

/** All revisions that are served, newest first; those of the session era begin with `initialize`. */
export const SERVED_REVISIONS: readonly string[] = [STATELESS_REVISION, ...Object.keys(REVISIONS)]
