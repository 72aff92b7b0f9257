import { Fault } from '../../contract/fault.ts'
import type { LaneState, Queue } from '../../contract/queue.ts'

/** The state of a lane. @throws Fault `not_found`, naming the lanes that there are */
export function requireLane(queue: Queue, name: string): LaneState {
  const lanes = queue.lanes()
  const found = lanes.find((lane) => lane.name === name)
  if (found) return found
  throw new Fault('not_found', `There is no lane ${name}. There are: ${lanes.map((lane) => lane.name).join(', ')}.`)
}
