import { isObject } from './schema-form/shape.ts'

/**
 * A path of this site that may be redirected to, or `fallback`.
 *
 * Refuses everything a browser could read as another site: absolute addresses, `//host`, backslashes, control characters.
 */
export function safePath(given: unknown, fallback = '/'): string {
  if (typeof given !== 'string' || given.length > 2_000 || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(given)) return fallback
  const base = 'http://gatehouse.invalid'
  if (!URL.canParse(given, base)) return fallback
  const { origin, pathname, search, hash } = new URL(given, base)
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : fallback
}

/** Put fields of an answer into a path: `/users/:user.id` and `{ user: { id: 7 } }` make `/users/7`. */
export function fillPath(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\/:([A-Za-z_.]+)/g, (whole, name: string) => {
    const value = name
      .split('.')
      .reduce<unknown>((at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined), values)
    return typeof value === 'string' || typeof value === 'number' ? `/${encodeURIComponent(value)}` : whole
  })
}
