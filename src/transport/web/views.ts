import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import { runInThisContext } from 'node:vm'
import type { TemplateDelegate } from 'handlebars'
import { VIEW_FUNCTIONS } from './view-functions.ts'

type Handlebars = typeof import('handlebars')

const require = createRequire(import.meta.url)

/** The templates of a folder. */
export interface Views {
  /** Fill a template. @throws TypeError for a template that does not exist or does not compile */
  readonly render: Render
  /** Compile every template now, so that a test may hold all of them. @throws TypeError for one that does not compile */
  compileAll(): void
}

/** Fills a template. */
export type Render = (view: string, data: Readonly<Record<string, unknown>>) => string

const OPTIONS = {
  // A misspelt function stops the start instead of showing nothing.
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries(Object.keys(VIEW_FUNCTIONS).map((name) => [name, true])),
  // Indenting a partial would change what stands in <pre> and <textarea>.
  preventIndent: true,
} as const

/**
 * Find every template of a folder. Each is compiled when it is first needed, and the compiler is loaded with the first: a gateway whose console
 * nobody opens starts 200 ms sooner and stays 40 MB smaller.
 *
 * All values are escaped; templates may use each other by path (`{{> partial/icon}}`).
 */
export function openViews(folder: string): Views {
  const views = new Map<string, View>()
  let engine: Handlebars | undefined
  const loaded = (): Handlebars => {
    engine ??= loadEngine(views)
    return engine
  }
  for (const path of templates(folder)) views.set(nameOf(folder, path), lazy(loaded, path))
  return {
    render(name, data) {
      const view = views.get(name)
      if (!view) throw new TypeError(`There is no view ${name}; expected ${join(folder, name)}.hbs.`)
      return view.compile()(data)
    },
    compileAll() {
      for (const view of views.values()) view.compile()
    },
  }
}

interface View {
  /** The template, compiled the first time that it is asked for. */
  readonly compile: () => TemplateDelegate
}

function loadEngine(views: ReadonlyMap<string, View>): Handlebars {
  const engine = (require('handlebars') as Handlebars).create()
  engine.registerHelper(VIEW_FUNCTIONS as unknown as Parameters<Handlebars['registerHelper']>[0])
  for (const [name, view] of views) engine.registerPartial(name, (data, options) => view.compile()(data, options))
  return engine
}

function lazy(engine: () => Handlebars, path: string): View {
  let template: TemplateDelegate | undefined
  return {
    compile() {
      template ??= compiled(engine(), path)
      return template
    },
  }
}

const templates = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.hbs'))
    .map((one) => join(one.parentPath, one.name))

const nameOf = (folder: string, path: string) =>
  relative(folder, path)
    .replaceAll(sep, '/')
    .replace(/\.hbs$/, '')

function compiled(handlebars: Handlebars, path: string): TemplateDelegate {
  try {
    const specification = handlebars.precompile(readFileSync(path, 'utf8'), OPTIONS)
    return handlebars.template(runInThisContext(`(${specification})`, { filename: path }))
  } catch (cause) {
    throw new TypeError(`The view ${path} does not compile: ${(cause as Error).message}`, { cause })
  }
}
