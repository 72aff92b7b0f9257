import type { FastifyInstance } from 'fastify'

interface KnownRoute {
  readonly path: RegExp
  readonly methods: Set<string>
}

/** Which methods an address takes, for 405 and its `Allow` (RFC 9110, 15.5.6). Nothing for an address that does not exist. */
export type MethodsOf = (path: string) => readonly string[]

/** Watch the routes that are added from now on. */
export function watchRoutes(api: FastifyInstance): MethodsOf {
  const routes = new Map<string, KnownRoute>()
  api.addHook('onRoute', ({ url, method }) => {
    const source = url.split('/').map(segment).join('/')
    const known = routes.get(source) ?? { path: new RegExp(`^${source}$`), methods: new Set() }
    for (const one of [method].flat()) known.methods.add(one)
    routes.set(source, known)
  })
  return (path) => [
    ...new Set([...routes.values()].filter((route) => route.path.test(path)).flatMap(({ methods }) => [...methods])),
  ]
}

function segment(text: string): string {
  if (text.startsWith(':')) return '[^/]+'
  return text === '*' ? '.*' : text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}
