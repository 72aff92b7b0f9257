import type { Bench } from './bench.ts'
import { mcpBench } from './mcp/mcp-bench.ts'

/** Everything that can be measured. */
export const benches: readonly Bench[] = [mcpBench]
