import type { Log } from '../../src/contract/house.ts'

const nothing = (): void => {}

/** A log for supervisors whose children say enough. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog }
