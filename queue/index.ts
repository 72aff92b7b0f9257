import type { Lane } from '../src/contract/lane.ts'
import { apiLane } from './api.lane.ts'
import { functionLane } from './function.lane.ts'

/** Every lane of the house. Each has its work in `workers/<name>.task.ts`. */
export const lanes: readonly Lane[] = [apiLane, functionLane]
