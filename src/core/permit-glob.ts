import { compileGlob, type Matcher } from './glob.ts'

/** Keys that end in a name from outside, which may hold any character. */
const isNamedOutside = (key: string): boolean => key.startsWith('prompt:') || key.startsWith('resource:')

/**
 * Compile a permission key or a glob over such.
 *
 * Prompts and resources are reached only by globs that begin with their kind, and by `*`: whoever may use `*.read` must not get at the resource
 * `file:///etc/passwd#.read`, whose name anybody can make up.
 */
export function compilePermit(pattern: string): Matcher {
  const matches = compileGlob(pattern)
  if (isNamedOutside(pattern) || /^\*+$/.test(pattern)) return matches
  return (key) => matches(key) && !isNamedOutside(key)
}
