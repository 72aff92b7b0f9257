import type { z } from 'zod'
import type { FunctionProgram, SourceProblem } from '../../../queue/function.lane.ts'
import { ModuleError, moduleOf } from './module-of.ts'

/** What keeps a compiled module from being run. It has no lines. */
export async function checkModule(program: FunctionProgram, source: string): Promise<readonly z.output<typeof SourceProblem>[]> {
  try {
    await moduleOf(program, async () => source)
    return []
  } catch (thrown) {
    if (!(thrown instanceof ModuleError)) throw thrown
    return [{ line: null, column: null, message: thrown.message }]
  }
}
