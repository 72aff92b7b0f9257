/** How long a file that another program holds is waited for when it is opened, in ms: who waits then has nothing else to do. */
export const OPENING_PATIENCE_MS = 5_000

/** The same later, in ms. SQLite waits in the thread that asks, so the front does nothing else meanwhile. */
export const PATIENCE_MS = 250
