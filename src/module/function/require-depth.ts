import { functionLane } from '../../../queue/function.lane.ts'
import { Fault } from '../../contract/fault.ts'

/**
 * Let functions call functions, or leave them to the lane, but not without end.
 *
 * @param depth how many functions stand above this one
 * @throws Fault `blocked`
 */
export function requireDepth(name: string, depth: number): void {
  if (depth < functionLane.levels) return
  throw new Fault(
    'blocked',
    `${name} was called by functions that call functions, ${functionLane.levels} deep; deeper they may not go. Does a function call itself?`,
    { data: { limit: functionLane.levels } },
  )
}
