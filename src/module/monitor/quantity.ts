const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes for a sentence: `812 B`, `4.1 kB`, `97 MB`. */
export function bytesOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1_000 ** power
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}

/** A duration for a sentence: `0.4 ms`, `37 ms`, `2.1 s`, `3 min`, `2 h`. */
export function durationOf(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}
