/** The one revision of the stateless era so far. */
export const STATELESS_REVISION = '2026-07-28'
