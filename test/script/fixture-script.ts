import { setTimeout as pause } from 'node:timers/promises'
import type { Peer } from './peer.ts'
import { Transcript } from './transcript.ts'

/** How the fixture's tools are called; every other tool is called without arguments. */
const CALLS: readonly (readonly [string, object?])[] = [
  ['test_simple_text'],
  ['test_image_content'],
  ['test_audio_content'],
  ['test_embedded_resource'],
  ['test_multiple_content_types'],
  ['test_error_handling'],
  ['test_tool_with_progress'],
  ['test_tool_with_logging'],
  ['json_schema_2020_12_tool', { name: 'Ann', contactMethod: 'email', email: 'ann@example.com' }],
  ['test_header_parameters', { region: 'Zürich', priority: 7 }],
  ['test_reconnection'],
  ['test_sampling', { prompt: 'Say something.' }],
  ['test_elicitation', { message: 'Who are you?' }],
  ['test_url_elicitation'],
  ['test_elicitation_sep1034_defaults'],
  ['test_elicitation_sep1330_enums'],
  ['test_input_required_result_elicitation'],
  ['test_input_required_result_sampling'],
  ['test_input_required_result_list_roots'],
  ['test_input_required_result_request_state'],
  ['test_input_required_result_multiple_inputs'],
  ['test_input_required_result_multi_round'],
  ['test_input_required_result_capabilities'],
  ['confirm_delete', { filename: 'a.txt' }],
  ['multi_input'],
  ['protocol_error_job'],
  ['no_such_tool'],
]

const PROMPTS: readonly (readonly [string, object?])[] = [
  ['test_simple_prompt'],
  ['test_prompt_with_arguments', { arg1: 'one', arg2: 'two' }],
  ['test_prompt_with_embedded_resource', { resourceUri: 'test://static-text' }],
  ['test_prompt_with_image'],
  ['test_input_required_result_prompt'],
  ['no_such_prompt'],
]

const URIS = ['test://static-text', 'test://static-binary', 'test://watched-resource', 'test://template/7/data', 'test://nowhere']

/** Longer than any notification takes; one that was lost because a stream was not open yet is tried again. */
const HEAR_MS = 2_000
const TRIES = 5

/** What a script leaves out, and how names begin. */
export interface Staging {
  /** What stands before names of tools and prompts. */
  readonly prefix?: string
  /** Each client has a process of its own, whose changed lists no other one has. Default false. */
  readonly isAlone?: boolean
}

/** Everything that the fixture can do, once. */
export async function runFixtureScript(peer: Peer, { prefix = '', isAlone = false }: Staging = {}): Promise<Transcript> {
  const transcript = new Transcript(peer)
  if (peer.era === 'session') await peer.request('logging/setLevel', { level: 'info' })
  for (const list of ['tools', 'prompts', 'resources', 'resources/templates']) await transcript.request(`${list}/list`)
  for (const [name, args = {}] of CALLS) await transcript.request('tools/call', { name: prefix + name, arguments: args })
  for (const [name, args = {}] of PROMPTS) await transcript.request('prompts/get', { name: prefix + name, arguments: args })
  for (const uri of URIS) await transcript.request('resources/read', { uri })
  await complete(transcript, prefix)
  await askAtOnce(peer, transcript, prefix)
  await watch(peer, transcript, prefix)
  if (!isAlone) await hearListChanges(peer, transcript, prefix)
  await cancel(peer, transcript, prefix)
  return transcript
}

async function complete(transcript: Transcript, prefix: string): Promise<void> {
  const argument = { name: 'arg1', value: 'par' }
  const ref = { type: 'ref/prompt', name: `${prefix}test_prompt_with_arguments` }
  await transcript.request('completion/complete', { ref, argument })
  const template = { type: 'ref/resource', uri: 'test://template/{id}/data' }
  await transcript.request('completion/complete', { ref: template, argument: { name: 'id', value: 'park' } })
}

/** Several calls that ask at the same time: each answer must come to its own call. */
async function askAtOnce(peer: Peer, transcript: Transcript, prefix: string): Promise<void> {
  const prompts = ['one', 'two', 'three', 'four']
  const calls = prompts.map((prompt) => peer.request('tools/call', { name: `${prefix}test_sampling`, arguments: { prompt } }))
  transcript.note('four calls that ask at once', await Promise.all(calls))
}

async function watch(peer: Peer, transcript: Transcript, prefix: string): Promise<void> {
  const unwatch = await peer.watch('test://watched-resource')
  const updated = await hears(peer, 'notifications/resources/updated', `${prefix}test_update_watched_resource`)
  await unwatch()
  transcript.note('the watched resource is updated', updated)
}

async function hearListChanges(peer: Peer, transcript: Transcript, prefix: string): Promise<void> {
  for (const list of ['tool', 'prompt', 'resource']) {
    await hears(peer, `notifications/${list}s/list_changed`, `${prefix}test_trigger_${list}_change`)
    transcript.note(`${list}s changed`, 'heard')
  }
}

async function hears(peer: Peer, method: string, trigger: string): Promise<unknown> {
  for (let tried = 0; tried < TRIES; tried++) {
    const from = peer.heard.length
    await peer.request('tools/call', { name: trigger, arguments: {} })
    const deadline = performance.now() + HEAR_MS
    while (performance.now() < deadline) {
      const found = peer.heard.slice(from).find((heard) => heard.method === method)
      if (found) return { uri: found.params['uri'] }
      await pause(10)
    }
  }
  throw new Error(`${method} was not heard after ${trigger}`)
}

/** A call that is taken back ends at the server too. */
async function cancel(peer: Peer, transcript: Transcript, prefix: string): Promise<void> {
  const before = await cancelled(peer, prefix)
  const taking = new AbortController()
  const call = peer.request('tools/call', { name: `${prefix}test_wait_for_cancel`, arguments: {} }, { signal: taking.signal })
  const outcome = call.then(
    () => 'answered',
    () => 'taken back',
  )
  await pause(200)
  taking.abort()
  transcript.note('a call is taken back', await outcome)
  for (let tried = 0; tried < 100 && (await cancelled(peer, prefix)) === before; tried++) await pause(20)
  transcript.note('calls that the server saw taken back', Number(await cancelled(peer, prefix)) - Number(before))
}

async function cancelled(peer: Peer, prefix: string): Promise<unknown> {
  const { structuredContent } = await peer.request('tools/call', { name: `${prefix}test_count_cancelled`, arguments: {} })
  return (structuredContent as { cancelled: number }).cancelled
}
