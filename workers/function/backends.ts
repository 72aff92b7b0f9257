import { z } from 'zod'
import type { TaskContext } from '../../queue/lane.ts'
import { taskSettings } from '../../queue/task-settings.ts'
import type { Backend } from './backend.ts'
import { BackendRefusal } from './backend-refusal.ts'

type Asking = Pick<TaskContext, 'ask'>
type Values = Readonly<Record<string, unknown>>

const opened = new Map<string, { readonly with: string; readonly backend: Promise<Backend> }>()

/** What the front answers who asks for the settings of a plugin. */
const Told = z.object({ settings: z.record(z.string(), z.unknown()) })

/**
 * The backend of that name. Loaded when first used, so that what a thread never runs costs it nothing; one that could not be opened is tried
 * again next time, and a plugin is opened anew once a value that its settings refer to is another.
 *
 * @throws BackendRefusal where there is none, or it is off, or cannot be opened; TaskAskError where the front cannot tell its settings
 */
export async function backendOf(name: string, asking: Asking): Promise<Backend> {
  const settings = await settingsOf(name, asking)
  const text = JSON.stringify(settings)
  const known = opened.get(name)
  const one = known?.with === text ? known : { with: text, backend: open(name, settings) }
  opened.set(name, one)
  try {
    return await one.backend
  } catch (thrown) {
    if (opened.get(name) === one) opened.delete(name)
    throw thrown
  }
}

/** Those of a plugin, as the front knows them where they refer to something: a worker can look nothing up. */
async function settingsOf(name: string, asking: Asking): Promise<Values> {
  const { plugin } = taskSettings().function
  const { module: _, ...own } = Object.hasOwn(plugin, name) ? plugin[name]! : { module: '' }
  return REFERENCE.test(JSON.stringify(own)) ? Told.parse(await asking.ask('settings', {})).settings : own
}

/** What may be a reference; the front knows which are. */
const REFERENCE = /(?:"|\$\{)(?:secret|env|file|command):/i

async function open(name: string, own: Values): Promise<Backend> {
  if (name === 'wasm') return await (await import('./wasm-backend.ts')).openWasmBackend()
  const { installation, baseDir, function: settings } = taskSettings()
  if (name === 'docker') {
    if (!settings.docker.enabled)
      throw new BackendRefusal('disabled', 'Functions in containers are off. [function.docker] enabled = true lets them run.')
    const { openDockerBackend } = await import('./docker-backend.ts')
    return await openDockerBackend(settings.docker, installation)
  }
  const plugin = Object.hasOwn(settings.plugin, name) ? settings.plugin[name] : undefined
  if (!plugin)
    throw new BackendRefusal('disabled', `There is no backend ${name}. [function.plugin.${name}] would name its module.`)
  const { module } = plugin
  const { openPluginBackend } = await import('./plugin-backend.ts')
  return await openPluginBackend({ name, module, baseDir, settings: own })
}
