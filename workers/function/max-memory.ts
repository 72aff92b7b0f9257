/** No function inside a worker's thread is given more memory than this, whatever its limits say. */
export const MAX_MEMORY_BYTES = 268_435_456
