import { LRUCache } from 'lru-cache'
import type { Invocation } from '../backend.ts'
import type { Image } from './image.ts'
import { type Script, transpile } from './transpile.ts'

/** A function that this thread has seen before. */
export interface Program {
  readonly script: Script
  /** The engine after the module was evaluated, where that looked at nothing that could differ from run to run. */
  image: Image | undefined
}

const MAX_PROGRAMS = 64

const programs = new LRUCache<string, Program>({ max: MAX_PROGRAMS })

/** The program of an invocation. @throws TranspileError */
export async function programOf({ program: { hash, language }, source }: Invocation): Promise<Program> {
  const key = `${language} ${hash}`
  const known = programs.get(key)
  if (known) return known
  const program: Program = {
    script: transpile(language === 'typescript' ? language : 'javascript', await source()),
    image: undefined,
  }
  programs.set(key, program)
  return program
}
