import { hasReference } from '../../core/reference.ts'
import { isSecretField, redactText } from '../../core/secret-text.ts'
import type { Definition } from './definition.ts'

/** Shorter values are switches and modes rather than secrets. */
const MIN_SECRET_CHARS = 6

/** Where a definition writes a secret out, as JSON pointers. Guesses by name and by shape: a reference is never one. */
export function literalSecrets(definition: Definition): string[] {
  return definition.transport === 'stdio'
    ? [...inTexts('/env', definition.env), ...inArgs(definition.args)]
    : [...inTexts('/headers', definition.headers), ...inUrl(definition.url)]
}

function inTexts(path: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values)
    .filter(
      ([name, value]) =>
        !hasReference(value) && value.length >= MIN_SECRET_CHARS && (isSecretField(name, value) || isSecret(value)),
    )
    .map(([name]) => `${path}/${name}`)
}

function inArgs(args: readonly string[]): string[] {
  const after = (index: number): string => args[index - 1] ?? ''
  return args.flatMap((arg, index) => {
    const named = /^--?[\w-]+$/.test(after(index)) && isSecretField(after(index), arg) && arg.length >= MIN_SECRET_CHARS
    return named || isSecret(arg) ? [`/args/${index}`] : []
  })
}

function inUrl(url: string): string[] {
  const { username, password } = new URL(url)
  return username !== '' || password !== '' || isSecret(url) ? ['/url'] : []
}

const isSecret = (text: string): boolean => redactText(text) !== text
