import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { Backend } from './backend.ts'
import { BackendRefusal } from './backend-refusal.ts'

/** @throws BackendRefusal for a language that the backend does not run */
export function requireLanguage({ name, languages }: Backend, { language }: FunctionProgram): void {
  if (languages.includes(language)) return
  throw new BackendRefusal('invalid', `The backend ${name} does not run ${language}. It runs ${languages.join(', ')}.`)
}
