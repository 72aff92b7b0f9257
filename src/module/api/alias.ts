/** Names an API: in tool names before `__`, in addresses and in permits. Short, so that tool names stay within 64 characters. */
export const ALIAS = /^[a-z0-9][a-z0-9-]{0,19}$/

/** What an alias must look like, as a sentence. */
export const ALIAS_RULE = 'An alias has 1 to 20 lower-case letters, digits and hyphens and begins with a letter or digit.'

/** The nearest alias to a title, e.g. `Swagger Petstore` → `swagger-petstore`. */
export const toAlias = (title: string): string =>
  title
    .toLowerCase()
    .replace(/\b(?:the|rest|api|openapi)\b/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 20)
    .replace(/-+$/, '')
