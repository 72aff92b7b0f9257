import { setTimeout as delay } from 'node:timers/promises'
import type { Tally, Target } from '../load.ts'
import { openSessionClient } from './session-client.ts'
import type { SoakClient } from './soak-client.ts'
import { openStatelessClient } from './stateless-client.ts'

/** Connected all the time, half of each era, half at a server of each. */
const CLIENTS = 1_000

/** Opened this many at a time. */
const AT_ONCE = 20

/** One call begins this often, in ms: fifty a second. */
const EVERY_MS = 20

/** One call in so many changes a list. */
const CHANGE_EVERY = 250

/** Enough of what went wrong for a reason. */
const MAX_WRONG = 20

/** What is called in turn, and what has to come back. */
const CALLS = [
  { name: 'test_simple_text', text: /simple text/, progress: 0 },
  { name: 'test_tool_with_progress', text: /Progress was reported/, progress: 3 },
  { name: 'test_input_required_result_elicitation', text: /Hello, Soak!/, progress: 0 },
] as const

/** A thousand clients of both eras at servers of both eras, fifty calls a second with progress and questions, and changing lists. */
export async function applyMcpLoad(target: Target, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { done: {}, wrong: [] }
  const count = (what: string): void => {
    tally.done[what] = (tally.done[what] ?? 0) + 1
  }
  const clients = await openAll(target, () => count('list changes heard'))
  const calls = new Set<Promise<void>>()
  for (let turn = 0; !signal.aborted && tally.wrong.length < MAX_WRONG; turn++) {
    const call = callOnce(clients[turn % clients.length]!, turn, count).catch((thrown: unknown) => {
      tally.wrong.push(String(thrown))
    })
    calls.add(call)
    void call.finally(() => calls.delete(call))
    await delay(EVERY_MS, undefined, { signal }).catch(() => {})
  }
  await Promise.all(calls)
  for (let at = 0; at < clients.length; at += AT_ONCE)
    await Promise.all(clients.slice(at, at + AT_ONCE).map((client) => client.close()))
  if (tally.done['list changes heard'] === undefined) tally.wrong.push('No client heard of a changed list')
  return tally
}

async function openAll(target: Target, onChange: () => void): Promise<SoakClient[]> {
  const clients: SoakClient[] = []
  while (clients.length < CLIENTS) {
    const opening = Array.from({ length: AT_ONCE }, async (_, index) => {
      const number = clients.length + index
      const path = `/mcp/s/${number % 4 < 2 ? 'session' : 'stateless'}`
      return number % 2 === 0
        ? openSessionClient(target, path, onChange)
        : openStatelessClient(target, path, `soak-${number}`, onChange)
    })
    clients.push(...(await Promise.all(opening)))
  }
  return clients
}

async function callOnce(client: SoakClient, turn: number, count: (what: string) => void): Promise<void> {
  if (turn % CHANGE_EVERY === 0) {
    await client.call('test_trigger_tool_change')
    return count('test_trigger_tool_change')
  }
  const { name, text, progress } = CALLS[turn % CALLS.length]!
  const answer = await client.call(name)
  if (!text.test(answer.text) || answer.progress !== progress)
    throw new Error(`${name} answered ${answer.text} after ${answer.progress} reports of progress`)
  count(name)
}
