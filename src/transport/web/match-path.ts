import { decoded } from './schema-form/decoded.ts'

/** The parameters with which a path fits a route (`/users/:id`), or nothing when it does not. */
export function matchPath(route: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [route.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const found: Record<string, string> = {}
  for (const [at, step] of wanted.entries()) {
    const text = given[at] ?? ''
    if (step.startsWith(':')) found[step.slice(1)] = decoded(text)
    else if (step !== text) return undefined
  }
  return found
}
