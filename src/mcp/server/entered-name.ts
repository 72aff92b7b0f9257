import type { Backend } from './backend.ts'

/** How the door names what is no tool, e.g. `prompt:`. */
const OTHER_KIND = /^[a-z]+:/

/**
 * The name to enter the door with. One that the source does not have, or that means no tool, is spelt so that nothing can have it, and is
 * refused and recorded there.
 */
export function enteredName(backend: Backend, name: string, source: string | undefined): string {
  if (source !== undefined) return backend.findLocal(source, name)?.name ?? `${source}/${name}`
  return OTHER_KIND.test(name) ? `tool/${name}` : name
}
