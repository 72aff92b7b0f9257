import { type CollectFunction, Counter, Gauge, type Metric, type MetricConfiguration, Registry } from 'prom-client'
import type { Labels, Meter, Reading } from '../contract/meter.ts'
import { Series } from './series.ts'

/** 1 ms to 60 s. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The meter of a front, and what it shows to whoever scrapes it. */
export interface OpenMeter extends Meter {
  /** The exposition format of Prometheus, version 0.0.4. Scrapes at the same time share their work. */
  scrape(): Promise<string>
  readonly contentType: string
}

interface Shown {
  readonly labels: Labels
  readonly value: number
  /** Where it is not the metric's own: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string
}

type Shape = MetricConfiguration<string>

/**
 * One registry per gateway, so that several in one process do not share it.
 *
 * Counters and histograms, which calls pay for, are kept here: those of prom-client sort and hash the labels each time (1 µs against 0.2).
 */
export function createMeter(): OpenMeter {
  const registry = new Registry()
  const registers = [registry]
  const readers = new Map<string, () => Iterable<Reading>>()
  let scraping: Promise<string> | undefined
  const add = (type: 'counter' | 'histogram', { name, help }: Shape, values: () => Shown[]): void => {
    const metric = {
      name,
      help,
      type,
      aggregator: 'sum',
      get: async () => ({ name, help, type, aggregator: 'sum', values: values() }),
    }
    registry.registerMetric(metric as unknown as Metric<string>)
  }
  return {
    contentType: registry.contentType,
    scrape() {
      scraping ??= registry.metrics().finally(() => {
        scraping = undefined
      })
      return scraping
    },
    counter(name, help, labelNames = []) {
      const series = new Series(labelNames, () => ({ value: 0 }))
      add('counter', { name, help }, () => Array.from(series.all(), ({ labels, slot }) => ({ labels, value: slot.value })))
      return {
        add(labels, by = 1) {
          series.of(labels).value += by
        },
      }
    },
    histogram(name, help, labelNames = [], buckets = SECONDS) {
      const series = new Series(labelNames, () => ({ sum: 0, counts: new Array<number>(buckets.length + 1).fill(0) }))
      add('histogram', { name, help }, () => Array.from(series.all(), (one) => bucketLines(name, buckets, one)).flat())
      return {
        observe(labels, value) {
          const slot = series.of(labels)
          slot.sum += value
          slot.counts[bucketOf(buckets, value)]! += 1
        },
      }
    },
    gauge(name, help, labelNames, read) {
      new Gauge({ ...shape(name, help, labelNames), registers, collect: fill(read) })
      readers.set(name, read)
    },
    tally(name, help, labelNames, read) {
      readers.set(name, read)
      new Counter({
        ...shape(name, help, labelNames),
        registers,
        collect() {
          this.reset()
          for (const { labels, value } of read()) this.inc(labels as Record<string, string>, value)
        },
      })
    },
    readings: (name) => [...(readers.get(name)?.() ?? [])],
  }
}

const shape = (name: string, help: string, labelNames: readonly string[]): Shape => ({ name, help, labelNames: [...labelNames] })

/** What was read last time and is gone now is shown no longer. */
const fill = (read: () => Iterable<Reading>): CollectFunction<Gauge> =>
  function collect() {
    this.reset()
    for (const { labels, value } of read()) this.set(labels as Record<string, string | number>, value)
  }

/** The first bucket that a value fits into; the last one takes all. */
function bucketOf(buckets: readonly number[], value: number): number {
  let index = 0
  while (index < buckets.length && value > buckets[index]!) index += 1
  return index
}

function bucketLines(
  name: string,
  buckets: readonly number[],
  { labels, slot }: { readonly labels: Labels; readonly slot: { readonly sum: number; readonly counts: readonly number[] } },
): Shown[] {
  let count = 0
  const lines: Shown[] = slot.counts.map((of, index) => {
    count += of
    const le = index < buckets.length ? String(buckets[index]) : '+Inf'
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [...lines, { metricName: `${name}_sum`, labels, value: slot.sum }, { metricName: `${name}_count`, labels, value: count }]
}
