import type { Kind } from '../../contract/tool.ts'

/** What calls are of, in words. */
export const KINDS = {
  dynamic: 'Tools of upstreams, APIs and functions',
  operation: 'Operations of the gateway',
  prompt: 'Prompts',
  resource: 'Resources',
  template: 'Resources of templates',
  completion: 'Completions of arguments',
  subscription: 'Subscriptions to resources',
  task: 'Tasks',
  request: 'What servers ask of clients',
} as const satisfies Record<Kind, string>
