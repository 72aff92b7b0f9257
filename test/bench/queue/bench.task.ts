import { implement } from '../../../queue/lane.ts'
import { benchLane } from './bench-lane.ts'

export default implement(benchLane, () => ({ kind: 'done', result: null }))
