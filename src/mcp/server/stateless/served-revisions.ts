import { STATELESS_REVISION } from '../../stateless-revision.ts'
import { REVISIONS } from '../revision.ts'

/** All revisions that are served, newest first; those of the session era begin with `initialize`. */
export const SERVED_REVISIONS: readonly string[] = [STATELESS_REVISION, ...Object.keys(REVISIONS)]
