import type { Meter } from '../../contract/meter.ts'
import type { Registry, Upstream } from './registry.ts'
import { LINK_STATES } from './status.ts'

/** Declare what is measured of upstreams themselves. */
export function measureUpstreams(meter: Meter, registry: Registry): void {
  const each = (read: (upstream: Upstream) => number) => () =>
    registry.all().map((upstream) => ({ labels: { upstream: upstream.alias }, value: read(upstream) }))
  const labels = ['upstream']
  meter.gauge('gatehouse_upstream_state', '1 for the state that the upstream is in.', ['upstream', 'state'], () =>
    registry.all().flatMap(({ alias, link }) =>
      LINK_STATES.map((state) => ({
        labels: { upstream: alias, state },
        value: Number((link?.status.state ?? 'error') === state),
      })),
    ),
  )
  meter.gauge(
    'gatehouse_upstream_wanted',
    '1 where it shall be connected.',
    labels,
    each((one) => Number(registry.desired(one).enabled)),
  )
  meter.tally(
    'gatehouse_upstream_connects_total',
    'How often it was connected; all but the first are restarts.',
    labels,
    each(({ link }) => link?.connects ?? 0),
  )
  meter.gauge(
    'gatehouse_upstream_calls_in_flight',
    'Calls that it works on.',
    labels,
    each(({ link }) => link?.gate.inside ?? 0),
  )
  meter.gauge(
    'gatehouse_upstream_calls_waiting',
    'Calls that wait for a place.',
    labels,
    each(({ link }) => link?.gate.waiting ?? 0),
  )
  meter.gauge(
    'gatehouse_upstream_sessions',
    'Sessions besides the base connection.',
    labels,
    each(({ link }) => link?.lines.sessions.size ?? 0),
  )
  meter.gauge(
    'gatehouse_upstream_tools',
    'Tools that it offers.',
    labels,
    each(({ link }) => link?.lists.tool.items.length ?? 0),
  )
}
