/** Names an upstream: in tool names before `__`, in addresses and in permits. */
export const ALIAS = /^[a-z0-9][a-z0-9-]{0,30}$/

/** What an alias must look like, as a sentence. */
export const ALIAS_RULE = 'An alias has 1 to 31 lower-case letters, digits and hyphens and begins with a letter or digit.'

/** The nearest alias to a name from elsewhere, e.g. `My_Server` → `my-server`. */
export const toAlias = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 31)
    .replace(/-+$/, '')
