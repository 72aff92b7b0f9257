import type { ChildSpec } from '../supervisor/child.ts'
import type { CommonFlags } from './program.ts'

/** The worker processes of a tree, `worker-1` to `worker-<count>`, each serving all lanes. */
export const workerSpecs = (count: number, flags: CommonFlags & { readonly logLevel?: string }): readonly ChildSpec[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `worker-${index + 1}`
    return { name, role: 'worker', argv: ['worker', '--name', name, ...argvOf(flags)] }
  })

/** Flags as a child is given them. */
const argvOf = ({ config, data, logLevel }: CommonFlags & { readonly logLevel?: string }): readonly string[] => [
  ...(config === undefined ? [] : ['--config', config]),
  ...(data === undefined ? [] : ['--data', data]),
  ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
]
