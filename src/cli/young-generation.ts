import { setFlagsFromString } from 'node:v8'

/**
 * Keep V8's young generation as small as it begins.
 *
 * Loading the program makes it grow to 16 MB for garbage, and it hardly ever shrinks again (measured: 13 MB of the idle gateway's memory).
 */
export const holdYoungGeneration = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** Let it grow with the load from here on; 2 is V8's own factor. */
export const releaseYoungGeneration = (): void => setFlagsFromString('--semi-space-growth-factor=2')

/**
 * Make everything young, whatever became of its like.
 *
 * V8 watches which places in the code make objects that last, and puts what they make next among the old ones at once. With a hundred calls
 * under way, what belongs to a call outlasts a collection; most of the next ones does not, and holds on to young garbage from there
 * (measured: 10 % more calls/s and 10 % less processor time a call with this).
 */
export const keepYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring')
