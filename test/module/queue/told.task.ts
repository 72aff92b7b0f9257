import { setTimeout } from 'node:timers/promises'
import type { Task } from '../../../queue/lane.ts'

/** Does what the source of its program says, so that a test decides how an attempt ends. */
const told: Task = async (payload, { signal }) => {
  const { source } = (payload as { program: { source: string } }).program
  if (source === 'fail') return { kind: 'retry', reason: 'It was told to fail.' }
  if (source === 'hang') await setTimeout(60_000, undefined, { signal }).catch(() => undefined)
  if (signal.aborted) return { kind: 'cancel', reason: 'It was told to stop.' }
  return { kind: 'done', result: { kind: 'checked', problems: [{ line: null, column: null, message: source }] } }
}

export default told
