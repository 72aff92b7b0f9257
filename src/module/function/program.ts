import type { FunctionProgram } from '../../../queue/function.lane.ts'
import type { Definition } from './definition.ts'

/** What the lane has to know of a function's code. */
export const programOf = (definition: Definition, hash: string): FunctionProgram => ({
  hash,
  language: definition.language,
  backend: definition.backend,
  image: definition.image ?? null,
  limits: definition.limits,
})
