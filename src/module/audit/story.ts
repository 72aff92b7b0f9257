import type { Outcome } from '../../contract/fault.ts'
import type { Kind } from '../../contract/tool.ts'
import type { Stage, Transport } from '../../contract/visit.ts'

/** What somebody did with what they called. */
const DEEDS: Readonly<Record<Kind, string>> = {
  dynamic: 'called it',
  operation: 'called it',
  prompt: 'got this prompt',
  resource: 'read this resource',
  template: 'read this resource',
  completion: 'asked for suggestions',
  subscription: 'asked to hear of changes',
  task: 'asked about this task',
  request: 'was asked this',
}

const WAYS: Readonly<Record<Transport, string>> = {
  mcp: 'over MCP',
  rest: 'over REST',
  web: 'in the console',
  cli: 'on the command line',
  lane: 'from a lane',
  system: 'as the gateway itself',
}

/** The stages of the door, as the console names them. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  find: 'find',
  kill: 'kill switch',
  permit: 'right',
  limit: 'rate',
  parse: 'parse arguments',
  approve: 'approve',
  budget: 'budget',
  screen_arguments: 'screen arguments',
  slot: 'slot',
  run: 'run',
  shape: 'shape',
  screen_result: 'screen answer',
  record: 'record',
}

/** What the story of a call is told from. */
export interface ToldCall {
  readonly callerName: string
  readonly kind: Kind
  readonly transport: Transport
  readonly outcome: Outcome | 'running'
  readonly stage: Stage | null
}

/** A call in two sentences: who did what on which way, and how it ended. The time is told beside them. Pure. */
export function storyOf({ callerName, kind, transport, outcome, stage }: ToldCall): {
  readonly began: string
  readonly ended: string
} {
  return { began: `${callerName} ${DEEDS[kind]} ${WAYS[transport]}`, ended: endOf(outcome, stage) }
}

function endOf(outcome: Outcome | 'running', stage: Stage | null): string {
  if (outcome === 'running') return 'It is still under way.'
  if (outcome === 'ok') return 'It was answered'
  if (outcome === 'tool_error') return 'It was answered with an error'
  if (outcome === 'interrupted') return 'The gateway ended before it did'
  if (outcome === 'cancelled') return 'It was cancelled'
  // Whatever stopped it before it ran is a refusal, and nothing happened behind the door.
  if (stage === null || stage === 'run' || stage === 'shape' || stage === 'screen_result') return `It failed (${outcome})`
  return `The door refused it (${outcome})`
}
