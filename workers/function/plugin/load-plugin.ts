import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { FunctionLanguage } from '../../../queue/function.lane.ts'
import { BackendRefusal } from '../backend-refusal.ts'
import { type OpenPlugin, PLUGIN_API_VERSION, type Plugin } from './plugin.ts'

const isFunction = (value: unknown): boolean => typeof value === 'function'

const PluginShape = z.looseObject({
  apiVersion: z.string().regex(/^\d+\.\d+(?:\.\d+)?$/, 'a version such as 1.0 was expected'),
  name: z.string().min(1),
  languages: z.array(FunctionLanguage).min(1),
  open: z.custom<Plugin['open']>(isFunction, 'a function was expected'),
})

const OpenShape = z.looseObject({
  check: z.custom<OpenPlugin['run']>(isFunction, 'a function was expected').optional(),
  run: z.custom<OpenPlugin['run']>(isFunction, 'a function was expected'),
})

/** A plugin's module, read and judged. @throws BackendRefusal saying what is wrong with it */
export async function loadPlugin(name: string, module: string, baseDir: string): Promise<Plugin> {
  const path = isAbsolute(module) ? module : resolve(baseDir, module)
  const exported = await importModule(name, path)
  const parsed = PluginShape.safeParse(exported['plugin'] ?? exported['default'])
  if (!parsed.success) throw refusal(name, `${path} exports no plugin: ${sentence(parsed.error)}`)
  const plugin = parsed.data
  if (!isSpoken(plugin.apiVersion))
    throw refusal(name, `it speaks version ${plugin.apiVersion} of the plugin interface, this gateway ${PLUGIN_API_VERSION}`)
  return plugin
}

/** Let a plugin get ready. @throws BackendRefusal with what it said */
export async function openPlugin(name: string, plugin: Plugin, settings: Readonly<Record<string, unknown>>): Promise<OpenPlugin> {
  let opened: unknown
  try {
    opened = await plugin.open(settings)
  } catch (cause) {
    throw refusal(name, wordsOf(cause), cause)
  }
  const parsed = OpenShape.safeParse(opened)
  if (!parsed.success) throw refusal(name, `open() gave no plugin that runs: ${sentence(parsed.error)}`)
  // The object itself, because its functions may want their `this`.
  return opened as OpenPlugin
}

async function importModule(name: string, path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    throw refusal(name, `${path} cannot be loaded: ${wordsOf(cause)}`, cause)
  }
}

function isSpoken(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  const [ourMajor, ourMinor] = PLUGIN_API_VERSION.split('.').map(Number)
  return major === ourMajor && minor! <= ourMinor!
}

const refusal = (name: string, why: string, cause?: unknown): BackendRefusal =>
  new BackendRefusal('unavailable', `The plugin of [function.plugin.${name}] cannot be used: ${why}.`, { cause })

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500)

const sentence = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
