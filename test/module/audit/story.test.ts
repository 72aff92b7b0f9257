import { expect, test } from 'vitest'
import { storyOf, type ToldCall } from '../../../src/module/audit/story.ts'

const call = (rest: Partial<ToldCall>): ToldCall => ({
  ...{ callerName: 'ada (laptop)', kind: 'dynamic', transport: 'mcp', outcome: 'ok', stage: null },
  ...rest,
})

test('a call is told by who did what on which way', () => {
  expect(storyOf(call({})).began).toBe('ada (laptop) called it over MCP')
  expect(storyOf(call({ kind: 'prompt', transport: 'web' })).began).toBe('ada (laptop) got this prompt in the console')
})

test('what the door stopped before it ran was refused, and what went wrong behind it failed', () => {
  expect(storyOf(call({ outcome: 'forbidden', stage: 'permit' })).ended).toBe('The door refused it (forbidden)')
  expect(storyOf(call({ outcome: 'timeout', stage: 'run' })).ended).toBe('It failed (timeout)')
  expect(storyOf(call({ outcome: 'tool_error' })).ended).toBe('It was answered with an error')
  expect(storyOf(call({ outcome: 'running' })).ended).toBe('It is still under way.')
})
