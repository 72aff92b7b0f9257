import type { z } from 'zod'
import type { functionLane } from '../../queue/function.lane.ts'
import type { TaskContext } from '../../queue/lane.ts'
import { backendOf } from './backends.ts'
import { requireLanguage } from './require-language.ts'

type Check = Extract<z.output<typeof functionLane.payload>, { kind: 'check' }>
type Checked = Extract<z.output<typeof functionLane.result>, { kind: 'checked' }>

/** Everything that keeps a source from being run, without running it. @throws BackendRefusal, TaskAskError */
export async function checkSource({ program: { source, ...program } }: Check, context: TaskContext): Promise<Checked> {
  const backend = await backendOf(program.backend, context)
  requireLanguage(backend, program)
  return { kind: 'checked', problems: [...(await backend.check(program, source, context.signal))] }
}
