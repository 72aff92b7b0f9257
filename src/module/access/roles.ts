/** The prefix of a grant that stands for a role. */
export const ROLE_PREFIX = 'role:'

/** Everything that sources offer. */
const OFFERED = ['tool:*', 'prompt:*', 'resource:*'] as const

/**
 * The roles that every installation has, and their keys. They cannot be changed; make a custom role instead.
 *
 * `access.write` (who may do what), `upstream.define` (which programs the gateway runs) and whatever else is dangerous stays with `admin`. Everybody but an agent may look after
 * their own password, tokens and sessions (`self.write`): what they mint there never exceeds what they hold.
 */
export const BUILT_IN_ROLES: Readonly<Record<string, { readonly description: string; readonly keys: readonly string[] }>> = {
  admin: { description: 'Everything, including who may do what.', keys: ['*'] },
  operator: {
    description:
      'Runs the gateway: sees and exports everything, enables, restarts and removes upstreams, steers the lanes, publishes and switches functions, sets secrets without seeing them, registers APIs, calls every tool, gets every prompt and reads every resource.',
    keys: [
      '*.read',
      '*.export',
      '*.verify',
      'self.write',
      'upstream.write',
      'queue.write',
      'monitor.write',
      'function.publish',
      'function.call',
      'secret.write',
      'api.write',
      'api.pass:*',
      ...OFFERED,
    ],
  },
  developer: {
    description:
      'Builds against the gateway: sees everything, writes and publishes functions, calls every tool, gets every prompt and reads every resource.',
    keys: ['*.read', 'self.write', 'function.write', 'function.publish', 'function.call', ...OFFERED],
  },
  viewer: { description: 'Sees everything, changes nothing but their own account.', keys: ['*.read', 'self.write'] },
  agent: {
    description:
      'A program that calls tools: every tool, also as a job, every prompt and resource, and nothing of the gateway but who it is and its own results.',
    keys: [...OFFERED, 'function.call', 'self.read', 'result.read'],
  },
}

/** The role that a grant's key stands for; `undefined` for an ordinary key. */
export const roleOf = (key: string): string | undefined =>
  key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : undefined
