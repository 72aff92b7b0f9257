import type { FunctionProgram } from '../../../queue/function.lane.ts'
import { NODE_RUNNER } from './node-runner.ts'
import { PYTHON_RUNNER } from './python-runner.ts'

const MIB = 1_048_576

/** Languages that there is a runner for. */
export const RUNNERS = ['node', 'python'] as const

/** What the language's own runtime needs besides what the function may take, in bytes. */
const OVERHEAD_BYTES = { node: 128 * MIB, python: 32 * MIB } as const satisfies Record<(typeof RUNNERS)[number], number>

type RunnerLanguage = (typeof RUNNERS)[number]

/** How a container is started, and how much memory it needs. */
export interface Command {
  /** What is not said here is the image's own. */
  readonly command: { readonly Entrypoint?: string[]; readonly Cmd?: string[] }
  readonly memoryBytes: number
}

/** Whether a runner of ours reads the source; else the image is the function. */
export const hasRunner = (language: FunctionProgram['language']): language is RunnerLanguage => language in OVERHEAD_BYTES

/**
 * What is started in the container of a program. A runner is given the source by standard input, so nothing has to be mounted or copied; where the
 * image is the function, each line of the source is an argument.
 */
export function commandOf({ language, limits }: FunctionProgram, source: string): Command {
  if (!hasRunner(language)) return { command: argumentsOf(source), memoryBytes: limits.memoryBytes }
  const Entrypoint = language === 'python' ? python() : node(limits.memoryBytes)
  return { command: { Entrypoint, Cmd: [] }, memoryBytes: limits.memoryBytes + OVERHEAD_BYTES[language] }
}

function argumentsOf(source: string): Command['command'] {
  const Cmd = source.split(/\r?\n/).filter((line) => line.trim() !== '')
  return Cmd.length > 0 ? { Cmd } : {}
}

const python = (): string[] => ['python3', '-B', '-c', PYTHON_RUNNER]

/** Without a limit of its own V8 would not collect garbage before the kernel ends it. */
const node = (heapBytes: number): string[] => [
  'node',
  `--max-old-space-size=${Math.max(16, Math.floor(heapBytes / MIB))}`,
  '-e',
  NODE_RUNNER,
]
