import type { Caller, PermitKey } from './caller.ts'

/** What a page may ask while it loads. */
export interface Ask {
  readonly caller: Caller
  /** Path parameters and query of the page's address, all text. */
  readonly query: Readonly<Record<string, string>>
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Call an operation through the door as the signed-in user. @throws Fault */
  // biome-ignore lint/suspicious/noExplicitAny: a page knows what the operation it asks answers; templates read it untyped
  call(name: string, input: object): Promise<Readonly<Record<string, any>>>
  /** Whether the user may call a tool; pages offer nothing that would be refused. */
  may(toolName: string): boolean
}

/** A console page that a module declares. It holds no rule and no query: it shows what operations answered. */
export interface Page {
  /** Fastify path: `/upstreams/:alias`. */
  readonly path: string
  readonly title: string
  /** The menu group it stands in; without it, the page is reached by links only. */
  readonly menu?: 'Home' | 'Connect' | 'Observe' | 'People' | 'System'
  /** Pages with a higher one stand further down in their group; 0 without. */
  readonly menuPlace?: number
  /** The address of the page in the menu that it belongs to, where its own address does not begin with that. */
  readonly under?: string
  /** Its sign in the menu: the id of a symbol in `asset/static/icon.svg`. */
  readonly icon?: string
  /** Who sees it. */
  readonly permit: PermitKey
  /** `<module>/<name>`: the template `views/<module>/<name>.hbs`. */
  readonly view: string
  /** Events (topics) after which the parts marked `data-live` are fetched anew. */
  readonly live?: readonly string[]
  /** Modules of `asset/static` that the page needs, e.g. `try-it.js`. */
  readonly scripts?: readonly string[]
  load(ask: Ask): Promise<Readonly<Record<string, unknown>>>
}
