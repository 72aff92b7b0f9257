import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import { hasReference } from '../../core/reference.ts'
import type { FunctionSettings } from './function.settings.ts'

type Ground = Pick<House<FunctionSettings>, 'settings' | 'secrets'>
type Values = Readonly<Record<string, unknown>>

const userOf = (name: string): string => `backend ${name}`

/** Say which secrets the plugins of `[function.plugin]` refer to. @throws TypeError naming the field of a reference that cannot be read */
export function declarePluginSecrets({ settings, secrets }: Ground): void {
  for (const [name, plugin] of Object.entries(settings.plugin)) {
    try {
      secrets.declare(userOf(name), Object.fromEntries(textsIn(plugin, '')))
    } catch (cause) {
      throw new TypeError(`[function.plugin.${name}]: ${Fault.from(cause).message}`, { cause })
    }
  }
}

/**
 * What a plugin is told, with every reference looked up. Only what stands in the configuration of the front is: no worker chooses.
 *
 * @throws Fault `not_found` where the front has no such plugin, `unavailable` where a reference stands for nothing
 */
export async function pluginSettings({ settings, secrets }: Ground, name: string): Promise<Values> {
  const plugin = Object.hasOwn(settings.plugin, name) ? settings.plugin[name] : undefined
  if (!plugin) throw new Fault('not_found', `The configuration of the front has no [function.plugin.${name.slice(0, 40)}].`)
  const filled = async (value: unknown, field: string): Promise<unknown> => {
    if (typeof value === 'string')
      return hasReference(value) ? (await secrets.resolve(value, { by: userOf(name), field })).value : value
    if (Array.isArray(value)) return Promise.all(value.map((each, index) => filled(each, `${field}.${index}`)))
    return isTable(value) ? filledTable(value, `${field}.`) : value
  }
  const filledTable = async (table: Values, before: string): Promise<Values> => {
    const entries = Object.entries(table).map(async ([key, each]) => [key, await filled(each, `${before}${key}`)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  const { module: _, ...own } = plugin
  return filledTable(own, '')
}

/** Every text of a table by its way there, with dots. */
function textsIn(value: unknown, field: string): [string, string][] {
  if (typeof value === 'string') return [[field, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => textsIn(each, field === '' ? key : `${field}.${key}`))
}

/** Not a date, which TOML knows too. */
const isTable = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
