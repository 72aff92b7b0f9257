import type { z } from 'zod'
import type { FunctionProgram, SourceProblem } from '../../../queue/function.lane.ts'
import { OutOfTime } from '../../../src/core/schema/judge-in-time.ts'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { MODULE_NAME, STOP_NAME } from './engine.ts'
import { engines } from './engines.ts'
import { HEADLESS, originIn } from './failure.ts'
import { NOBODY } from './guest-host.ts'
import { EngineFull, GuestError } from './guest-text.ts'
import { type Script, TranspileError, transpile } from './transpile.ts'

type Problem = z.output<typeof SourceProblem>

/** Longest that the engine is given to compile a source, in ms. */
const LIMIT_MS = 2_000

/** What keeps a source from being run, without running it: it is compiled and linked. */
export function checkScript({ language, limits }: FunctionProgram, source: string): readonly Problem[] {
  let script: Script
  try {
    script = transpile(language === 'typescript' ? language : 'javascript', source)
  } catch (thrown) {
    if (!(thrown instanceof TranspileError)) throw thrown
    return [problem(thrown.message, thrown.position)]
  }
  const imports = new Set<string>()
  const thrown = link(script, Math.min(limits.memoryBytes, MAX_MEMORY_BYTES), imports)
  const known = thrown === undefined || isMissingExport(thrown)
  if (imports.size > 0 && known) return [...imports].map((name) => importProblem(name, source))
  return thrown === undefined ? [] : [problemOf(thrown, script, source)]
}

/** @returns what was wrong */
function link({ code }: Script, memoryBytes: number, imports: Set<string>): unknown {
  const engine = engines.take()
  let thrown: unknown
  const sourceOf = (name: string): string => {
    if (name === MODULE_NAME) return code
    if (name === STOP_NAME) return "throw 'linked'"
    imports.add(name)
    return ''
  }
  try {
    engine.begin({ ...NOBODY, source: sourceOf }, memoryBytes)
    engine.inTime(() => engine.link(), LIMIT_MS)
  } catch (problem) {
    thrown = problem
  }
  engines.giveBack(engine, thrown === undefined || thrown instanceof GuestError)
  return thrown
}

const isMissingExport = (thrown: unknown): boolean =>
  thrown instanceof GuestError && /could not find export/i.test(thrown.message)

function problemOf(thrown: unknown, script: Script, source: string): Problem {
  if (thrown instanceof OutOfTime) return problem(`It takes longer than ${LIMIT_MS} ms to compile.`, undefined)
  if (thrown instanceof EngineFull) return problem('It needs more memory to compile than the function may have.', undefined)
  if (thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError) {
    return problem('It is nested too deeply to be compiled.', undefined)
  }
  if (!(thrown instanceof GuestError)) throw thrown
  if (isMissingExport(thrown)) return problem(HEADLESS.message, undefined)
  const position = originIn(thrown.guestStack, script)
  const at = position && source.split('\n')[position.line - 1]?.[position.column - 1]
  return problem(at === '@' ? 'Decorators are not supported.' : thrown.message, position)
}

/** The engine does not say where an import stands. */
function importProblem(name: string, source: string): Problem {
  const index = source.split('\n').findIndex((line) => line.includes(`'${name}'`) || line.includes(`"${name}"`))
  const message = `Nothing can be imported: ${JSON.stringify(name)}. A function is one module; what it needs from outside it gets through tools.`
  return { line: index < 0 ? null : index + 1, column: index < 0 ? null : 1, message }
}

const problem = (message: string, position: { readonly line: number; readonly column: number } | undefined): Problem => ({
  line: position?.line ?? null,
  column: position?.column ?? null,
  message,
})
