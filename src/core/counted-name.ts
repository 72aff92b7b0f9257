interface Named {
  readonly name: string
  readonly source: string
  readonly kind: string
}

/** What is called by names that sources list, and not by what clients and servers make up. */
const BY_NAME = ['operation', 'dynamic', 'prompt']

/**
 * The name under which a call is counted, `unknown` for all names that nothing has. Resources, tasks and what servers ask are counted by their source
 * (`resource:docs__*`): their names are made up by others, who must not make tables grow.
 */
export function countedName({ name, source, kind }: Named): string {
  if (source === 'unknown') return 'unknown'
  return BY_NAME.includes(kind) ? name : `${kind}:${source}__*`
}
