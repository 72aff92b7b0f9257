import type { Kind } from '../../contract/tool.ts'

/** What calls are of, in a word. */
export const KINDS = {
  dynamic: 'Tools',
  operation: 'Operations',
  prompt: 'Prompts',
  resource: 'Resources',
  template: 'Resources of templates',
  completion: 'Completions',
  subscription: 'Subscriptions',
  task: 'Tasks',
  request: 'Asked of clients',
} as const satisfies Record<Kind, string>
