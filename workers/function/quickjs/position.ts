import { MODULE_NAME } from './engine.ts'

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

const FRAME = new RegExp(`\\b${MODULE_NAME}:(\\d+):(\\d+)`)

/** Where in the author's module a stack of the engine points first; undefined where it does not. */
export function positionIn(stack: string): Position | undefined {
  const [, line, column] = FRAME.exec(stack) ?? []
  return line && column ? { line: Number(line), column: Number(column) } : undefined
}
