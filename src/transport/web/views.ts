import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { runInThisContext } from 'node:vm'
import Handlebars from 'handlebars'
import { VIEW_FUNCTIONS } from './view-functions.ts'

/** The templates of a folder. */
export interface Views {
  /** Fill a template. @throws TypeError for a template that does not exist or does not compile */
  readonly render: Render
  /** Compile one further template. @returns whether there are more */
  warm(): boolean
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
 * Read every template of a folder. Each is compiled when it is first needed or `warm` comes to it, because compiling all of them
 * takes some 200 ms, which nobody should wait for when the gateway starts.
 *
 * All values are escaped; templates may use each other by path (`{{> partial/icon}}`).
 */
export function openViews(folder: string): Views {
  const handlebars = Handlebars.create()
  handlebars.registerHelper(VIEW_FUNCTIONS as unknown as Handlebars.HelperDeclareSpec)
  const views = new Map(templates(folder).map((path) => [nameOf(folder, path), lazy(handlebars, path)]))
  for (const [name, { fill }] of views) handlebars.registerPartial(name, fill)
  const cold = [...views.values()]
  return {
    render(name, data) {
      const view = views.get(name)
      if (!view) throw new TypeError(`There is no view ${name}; expected ${join(folder, name)}.hbs.`)
      return view.fill(data)
    },
    warm() {
      cold.pop()?.compile()
      return cold.length > 0
    },
  }
}

interface Lazy {
  readonly compile: () => Handlebars.TemplateDelegate
  readonly fill: Handlebars.TemplateDelegate
}

function lazy(handlebars: typeof Handlebars, path: string): Lazy {
  let template: Handlebars.TemplateDelegate | undefined
  const compile = () => {
    template ??= compiled(handlebars, path)
    return template
  }
  return { compile, fill: (data, options) => compile()(data, options) }
}

const templates = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.hbs'))
    .map((one) => join(one.parentPath, one.name))

const nameOf = (folder: string, path: string) =>
  relative(folder, path)
    .replaceAll(sep, '/')
    .replace(/\.hbs$/, '')

function compiled(handlebars: typeof Handlebars, path: string): Handlebars.TemplateDelegate {
  try {
    const specification = handlebars.precompile(readFileSync(path, 'utf8'), OPTIONS)
    return handlebars.template(runInThisContext(`(${specification})`, { filename: path }))
  } catch (cause) {
    throw new TypeError(`The view ${path} does not compile: ${(cause as Error).message}`, { cause })
  }
}
