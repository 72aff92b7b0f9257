import type { Meter } from '../../contract/meter.ts'
import type { Ending, Visit } from '../../contract/visit.ts'
import { countedName } from '../counted-name.ts'

/** Takes down how visits end; about a microsecond each. */
export type DoorMetrics = (visit: Visit, ending: Pick<Ending, 'outcome' | 'stage' | 'code' | 'durationMs'>) => void

const BY_SOURCE = ['source', 'kind', 'transport', 'outcome']

/** Declare what is measured at the door. Names that no tool has are counted as one: `unknown`. */
export function measureDoor(meter: Meter, inFlight: () => number): DoorMetrics {
  const calls = meter.counter('gatehouse_calls_total', 'Calls that ended, refused ones included.', BY_SOURCE)
  const seconds = meter.histogram('gatehouse_call_seconds', 'How long calls took, from the door in to the answer.', BY_SOURCE)
  const ofTools = meter.counter('gatehouse_tool_calls_total', 'Calls that ended, by tool of the catalog.', ['tool', 'outcome'])
  const refusals = meter.counter(
    'gatehouse_refusals_total',
    'Calls that ended in a fault, by its code and the stage of the door.',
    ['code', 'stage'],
  )
  meter.gauge('gatehouse_calls_in_flight', 'Calls that have not ended.', [], () => [{ labels: {}, value: inFlight() }])
  return ({ tool, transport }, { outcome, stage, code, durationMs }) => {
    const labels = { source: tool.source, kind: tool.kind, transport, outcome }
    calls.add(labels)
    seconds.observe(labels, durationMs / 1_000)
    ofTools.add({ tool: countedName(tool), outcome })
    if (code !== undefined && stage !== undefined) refusals.add({ code, stage })
  }
}
