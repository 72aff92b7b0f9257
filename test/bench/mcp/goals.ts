import type { Goal } from '../goal.ts'
import type { Footprint, SessionCost } from './footprint.ts'
import { type Results, ratio } from './rounds.ts'

/** The targets that `--check` enforces: ratios within one run wherever there is something to compare with, because machines differ. */
export function goalsOf(results: Results, footprint: Footprint, sessionCost: SessionCost, streamCost: SessionCost): Goal[] {
  const against = (leg: 'direct' | 'naive', sessions: number) => ratio(results, 'callsPerSecond', 'gatehouse', leg, sessions)
  const proxy = (leg: 'proxy' | 'proxyBare') => ratio(results, 'callsPerSecond', 'gatehouseStdio', leg, 100)
  const stateless = (field: 'callsPerSecond' | 'p50Ms', leg: 'statelessGatehouse' | 'statelessStdio', sessions: number) =>
    ratio(results, field, leg, 'statelessDirect', sessions)
  const slower = ratio(results, 'p50Ms', 'gatehouse', 'direct', 1)
  return [
    { what: 'calls/s against direct, 16 sessions', value: against('direct', 16), unit: '×', bound: 'at least', limit: 0.6 },
    { what: 'calls/s against direct, 100 sessions', value: against('direct', 100), unit: '×', bound: 'at least', limit: 0.6 },
    { what: 'p50 against direct, 1 session', value: slower, unit: '×', bound: 'at most', limit: 1.9 },
    { what: 'calls/s against the naive hop, 16 sessions', value: against('naive', 16), unit: '×', bound: 'at least', limit: 2 },
    { what: 'calls/s against the naive hop, 100 sessions', value: against('naive', 100), unit: '×', bound: 'at least', limit: 2 },
    { what: 'stdio, calls/s against mcp-proxy, 100 sessions', value: proxy('proxy'), unit: '×', bound: 'at least', limit: 2.5 },
    {
      what: 'stdio, calls/s against mcp-proxy --no-eventStore, 100 sessions',
      value: proxy('proxyBare'),
      unit: '×',
      bound: 'at least',
      limit: 2.5,
    },
    {
      what: `heap per idle session at ${sessionCost.sessions}`,
      value: sessionCost.heapKb,
      unit: 'kB',
      bound: 'at most',
      limit: 4,
    },
    {
      what: `heap per session with an open stream at ${streamCost.sessions}`,
      value: streamCost.heapKb,
      unit: 'kB',
      bound: 'at most',
      limit: 12,
    },
    {
      what: 'stateless: calls/s against direct, 16 clients',
      value: stateless('callsPerSecond', 'statelessGatehouse', 16),
      unit: '×',
      bound: 'at least',
      limit: 0.6,
    },
    {
      what: 'stateless: p50 against direct, 1 client',
      value: stateless('p50Ms', 'statelessGatehouse', 1),
      unit: '×',
      bound: 'at most',
      limit: 1.9,
    },
    {
      what: 'stateless: calls/s of our endpoint against the SDK v2 handler, 16 clients',
      value: stateless('callsPerSecond', 'statelessStdio', 16),
      unit: '×',
      bound: 'at least',
      limit: 3,
    },
    { what: 'start to ready', value: footprint.readyMs, unit: 'ms', bound: 'at most', limit: 1_500 },
    { what: 'resident memory of the front, idle', value: footprint.idleRssMb, unit: 'MB', bound: 'at most', limit: 90 },
  ]
}
