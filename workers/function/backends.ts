import { taskSettings } from '../../queue/task-settings.ts'
import type { Backend } from './backend.ts'
import { BackendRefusal } from './backend-refusal.ts'

const opened = new Map<string, Promise<Backend>>()

/**
 * The backend of that name. Loaded when first used, so that what a thread never runs costs it nothing; one that could not be opened is tried
 * again next time.
 *
 * @throws BackendRefusal where there is none, or it is off, or cannot be opened
 */
export async function backendOf(name: string): Promise<Backend> {
  const backend = opened.get(name) ?? open(name)
  opened.set(name, backend)
  try {
    return await backend
  } catch (thrown) {
    opened.delete(name)
    throw thrown
  }
}

async function open(name: string): Promise<Backend> {
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
  const { module, ...own } = plugin
  const { openPluginBackend } = await import('./plugin-backend.ts')
  return await openPluginBackend({ name, module, baseDir, settings: own })
}
