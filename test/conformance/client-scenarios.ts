import type { Agent } from './client-agent.ts'

/** What the suite tells of a scenario besides the address. */
interface Context {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[]
}

const call = async (agent: Agent, name: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
  const tool = (await agent.tools()).find((each) => each.name === name)
  if (tool === undefined) throw new Error(`There is no tool ${name}`)
  return agent.call(tool, args)
}

const callAll = async (agent: Agent): Promise<void> => {
  for (const tool of await agent.tools()) await agent.call(tool, { region: 'us-west1', value: 'a', query: 'b' })
}

const useAll = async (agent: Agent): Promise<void> => {
  await callAll(agent)
  for (const { uri } of await agent.list('resources/list', 'resources')) await agent.request('resources/read', { uri })
  for (const { name } of await agent.list('prompts/list', 'prompts')) await agent.request('prompts/get', { name })
}

const callInTurn = async (agent: Agent, names: readonly string[]): Promise<void> => {
  for (const name of names) await call(agent, name)
}

/** What an agent has to do so that a scenario of the official client suite sees it. */
export const SCENARIOS: Readonly<Record<string, (agent: Agent, context: Context) => Promise<unknown>>> = {
  initialize: (agent) => agent.tools(),
  tools_call: (agent) => call(agent, 'add_numbers', { a: 5, b: 3 }),
  'elicitation-sep1034-client-defaults': (agent) => call(agent, 'test_client_elicitation_defaults'),
  'sse-retry': (agent) => call(agent, 'test_reconnection'),
  'request-metadata': (agent) => agent.tools(),
  'http-standard-headers': useAll,
  'http-custom-headers': async (agent, { toolCalls = [] }) => {
    for (const { name, arguments: args } of toolCalls) await call(agent, name, args)
  },
  'http-invalid-tool-headers': callAll,
  'json-schema-ref-no-deref': (agent) => agent.tools(),
  'sep-2322-client-request-state': (agent) =>
    callInTurn(agent, ['test_mrtr_echo_state', 'test_mrtr_unrelated', 'test_mrtr_no_state', 'test_mrtr_no_result_type']),
}
