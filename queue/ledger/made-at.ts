/** Ids are creation times: those of outbox letters in ms, from here on upwards those that the queue gives itself, in µs. */
export const FIRST_IN_MICROSECONDS = 1e14

/** When a job with this id was made, in µs since the epoch. No two ids have the same: a letter stands behind the first job of its ms. */
export const madeAtMicros = (id: number): number => (id < FIRST_IN_MICROSECONDS ? id * 1_000 + 0.5 : id)

/** The same in SQL. */
export const MADE_AT = `iif(id < ${FIRST_IN_MICROSECONDS}, id * 1000 + 0.5, id)`

/** The first id in ms that was made no earlier than a time. */
export const firstMillisFrom = (micros: number): number => Math.ceil((micros - 0.5) / 1_000)
