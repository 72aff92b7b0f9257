/** Let everything else that waits have its turn; for long work that is cut into slices. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
