import type { Page } from '../../contract/page.ts'

interface Point {
  readonly at: number
  readonly ok: number
  readonly failed: number
}

/** The console's first page. */
export const overviewPages: Readonly<Record<string, Page>> = {
  home: {
    path: '/',
    title: 'Overview',
    menu: 'Home',
    icon: 'home',
    permit: 'overview.read',
    view: 'overview/home',
    live: ['call', 'upstream', 'api', 'catalog', 'monitor', 'secret'],
    scripts: ['chart.js'],
    async load(ask) {
      const answer = await ask.call('overview_get', {})
      const series: readonly Point[] = answer['calls']?.series ?? []
      const urgent = answer['attention'].filter(({ level }: { readonly level: string }) => level === 'bad').length
      return {
        ...answer,
        ...{ urgent, others: answer['attention'].length - urgent },
        chart: JSON.stringify({
          times: series.map(({ at }) => at / 1_000),
          series: [
            { label: 'All', tone: 'busy', values: series.map(({ ok, failed }) => ok + failed) },
            { label: 'Refused or failed', tone: 'bad', values: series.map(({ failed }) => failed) },
          ],
        }),
        busyMinutes: series.filter(({ ok, failed }) => ok + failed > 0).reverse(),
      }
    },
  },
}
