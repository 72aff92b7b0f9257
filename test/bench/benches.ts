import { apiBench } from './api/api-bench.ts'
import type { Bench } from './bench.ts'
import { functionBench } from './function/function-bench.ts'
import { mcpBench } from './mcp/mcp-bench.ts'
import { queueBench } from './queue/queue-bench.ts'
import { secretBench } from './secret/secret-bench.ts'

/** Everything that can be measured. */
export const benches: readonly Bench[] = [mcpBench, queueBench, functionBench, secretBench, apiBench]
