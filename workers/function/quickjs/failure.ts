import { OutOfTime } from '../../../src/core/schema/judge-in-time.ts'
import type { Failed } from '../backend.ts'
import { failed, OUT_OF_MEMORY, TIMED_OUT } from '../outcome.ts'
import type { Settlement } from './guest-host.ts'
import { EngineFull, GuestError } from './guest-text.ts'
import { type Position, positionIn } from './position.ts'
import type { Script } from './transpile.ts'

export const HEADLESS = failed(
  'compile',
  'The module has no function as its default export. Write: export default async function (input, { tools, log }) { … }',
)
export const STUCK_LOADING = failed('thrown', 'The module waits at its top level for something that cannot happen.')
export const STUCK = failed(
  'thrown',
  'The function waits for something that cannot happen: no call of a tool is open, and there are no timers.',
)
/** What the prelude says of a step that did not succeed. */
export function failureOfStep({ kind, text, name, stack }: Settlement, script: Script): Failed {
  if (kind === 'headless') return HEADLESS
  if (isOutOfMemory(name, text)) return OUT_OF_MEMORY
  if (kind === 'unwritable') return failed('json', `What the function gave cannot be written as JSON: ${text}.`)
  return failed('thrown', placed(name, text, originIn(stack, script)))
}

/** What came out of the engine while it worked; undefined for what is no fault of the guest. */
export function failureOfGuest(thrown: unknown, script: Script): Failed | undefined {
  if (thrown instanceof OutOfTime) return TIMED_OUT
  if (thrown instanceof EngineFull) return OUT_OF_MEMORY
  // V8 ends what nests deeper than its own stack; so deep a guest of QuickJS gets only inside JSON and regular expressions.
  if (thrown instanceof RangeError) return failed('thrown', 'RangeError: Maximum call stack size exceeded')
  if (thrown instanceof WebAssembly.RuntimeError) return failed('crash', `The sandbox stopped the function: ${thrown.message}.`)
  if (!(thrown instanceof GuestError)) return undefined
  if (isOutOfMemory(thrown.kind, thrown.message)) return OUT_OF_MEMORY
  return failed('thrown', placed(thrown.kind, thrown.message, originIn(thrown.guestStack, script)))
}

/** The author's place that a stack points to. */
export function originIn(stack: string, script: Script): Position | undefined {
  const position = positionIn(stack)
  return position && script.originOf(position)
}

/** A message with its kind before it and its place behind it. */
export function placed(kind: string, message: string, position: Position | undefined): string {
  const said = kind === '' ? message : `${kind}: ${message}`
  return position ? `${said} (line ${position.line}, column ${position.column})` : said
}

const isOutOfMemory = (kind: string, message: string): boolean => kind === 'InternalError' && message === 'out of memory'
