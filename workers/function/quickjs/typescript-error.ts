import { stripTypeScriptTypes } from 'node:module'
import type { Position } from './position.ts'

interface Mistake {
  readonly message: string
  readonly position: Position
}

/**
 * What Node's own parser says is wrong with a TypeScript source; undefined where it finds nothing, or says it in another way than we know.
 *
 * Only to explain what Sucrase refused: that tries an arrow function as something else and then names the wrong line. Node's parser is still
 * called experimental, so nothing that runs stands on it.
 */
export function typescriptError(source: string): Mistake | undefined {
  try {
    quietly(() => stripTypeScriptTypes(source, { mode: 'transform' }))
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? mistakeIn(thrown) : undefined
  }
}

/** Its stack begins with the line's number, up to three lines of source, and a caret below the place. */
function mistakeIn({ message, stack = '' }: Error): Mistake | undefined {
  const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1]
  const caret = /^( *)\^+$/m.exec(stack)?.[1]
  if (line === undefined || caret === undefined) return undefined
  return { message: message.replace(/(?<=`)\. Expected .*$/s, ''), position: { line: Number(line), column: caret.length + 1 } }
}

/** Without the warning that it is experimental, which is no operator's business. */
function quietly(work: () => void): void {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    work()
  } finally {
    process.emitWarning = emitWarning
  }
}
