/**
 * How the C library of our processes deals with memory that was given back; it reads this when a process starts, so only a parent can say it.
 *
 * glibc keeps for each thread what the thread has freed. Argon2 takes 19 MiB per password, so that a front with four threads stayed 80 MB
 * larger after a few people had signed in. Blocks of 4 MiB and more are returned at once now, and two heaps serve all threads. Other C libraries do not read it.
 *
 * Source: mallopt(3), `M_MMAP_THRESHOLD` and `M_ARENA_MAX`.
 */
export const allocatorEnv = { MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024), MALLOC_ARENA_MAX: '2' } as const
