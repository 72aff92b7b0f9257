import { type CollectFunction, Counter, Gauge, Histogram, type MetricConfiguration, Registry } from 'prom-client'
import type { Meter, Reading } from '../contract/meter.ts'

/** 1 ms to 60 s. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The meter of a front, and what it shows to whoever scrapes it. */
export interface OpenMeter extends Meter {
  /** The exposition format of Prometheus, version 0.0.4. */
  scrape(): Promise<string>
  readonly contentType: string
  /** Names and help of all that is measured, for the docs' test. */
  describe(): Promise<readonly { readonly name: string; readonly help: string }[]>
}

/** One registry per gateway, so that several in one process do not share it. */
export function createMeter(): OpenMeter {
  const registry = new Registry()
  const registers = [registry]
  return {
    contentType: registry.contentType,
    scrape: () => registry.metrics(),
    async describe() {
      return (await registry.getMetricsAsJSON()).map(({ name, help }) => ({ name, help }))
    },
    counter(name, help, labelNames = []) {
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers })
      return { add: (labels, by = 1) => counter.inc(labels as Record<string, string>, by) }
    },
    histogram(name, help, labelNames = [], buckets = SECONDS) {
      const histogram = new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers })
      return { observe: (labels, value) => histogram.observe(labels as Record<string, string>, value) }
    },
    gauge(name, help, labelNames, read) {
      new Gauge({ ...shape(name, help, labelNames), registers, collect: fill(read) })
    },
    tally(name, help, labelNames, read) {
      new Counter({
        ...shape(name, help, labelNames),
        registers,
        collect() {
          this.reset()
          for (const { labels, value } of read()) this.inc(labels as Record<string, string>, value)
        },
      })
    },
  }
}

const shape = (name: string, help: string, labelNames: readonly string[]): MetricConfiguration<string> => ({
  name,
  help,
  labelNames: [...labelNames],
})

/** What was read last time and is gone now is shown no longer. */
const fill = (read: () => Iterable<Reading>): CollectFunction<Gauge> =>
  function collect() {
    this.reset()
    for (const { labels, value } of read()) this.set(labels as Record<string, string | number>, value)
  }

/** A label from outside: itself where it is known, so that nobody can make series without end. */
export const boundedLabel = (value: string, isKnown: (value: string) => boolean): string => (isKnown(value) ? value : 'unknown')
