/** Values of a metric's labels, by name. Bounded: what comes from outside must have been mapped to a known name or `unknown` before. */
export type Labels = Readonly<Record<string, string>>

/** Only goes up. */
interface Counter {
  add(labels: Labels, by?: number): void
}

/** Counts values by size. */
interface Histogram {
  observe(labels: Labels, value: number): void
}

/** One value of a gauge. */
export interface Reading {
  readonly labels: Labels
  readonly value: number
}

/**
 * Metrics in the words of Prometheus. Names begin with `gatehouse_` and end in their unit (`_seconds`, `_bytes`, `_total`); all are listed in
 * `asset/docs/metrics.md`, and a test says so.
 */
export interface Meter {
  counter(name: string, help: string, labels?: readonly string[]): Counter
  /** @param buckets upper bounds, ascending; default 1 ms to 60 s */
  histogram(name: string, help: string, labels?: readonly string[], buckets?: readonly number[]): Histogram
  /** @param read called at each scrape; must cost no query */
  gauge(name: string, help: string, labels: readonly string[], read: () => Iterable<Reading>): void
  /** A counter that somebody else keeps. @param read as of a gauge */
  tally(name: string, help: string, labels: readonly string[], read: () => Iterable<Reading>): void
  /** What a gauge or a tally shows right now, so that whoever judges the gateway sees what Prometheus sees. Empty for an unknown name. */
  readings(name: string): readonly Reading[]
}
