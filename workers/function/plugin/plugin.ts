import type { FunctionProgram } from '../../../queue/function.lane.ts'
import type { Backend } from '../backend.ts'

/** The version of this interface. A plugin of another major version, or of a later minor one, is not loaded. */
export const PLUGIN_API_VERSION = '1.0'

/**
 * What the module of a plugin exports as `plugin` (or as default): somewhere else to run functions.
 *
 * It is loaded by the threads that run functions, each on its own, when it is first needed. It is trusted like the gateway itself.
 */
export interface Plugin {
  /** Of this interface, as the plugin knows it: `1.0`. */
  readonly apiVersion: string
  /** For messages. */
  readonly name: string
  readonly languages: readonly FunctionProgram['language'][]
  /**
   * Called once per thread, before the first run.
   *
   * @param settings its section `[function.plugin.<name>]` without `module`
   * @throws Error whose message says what is wrong with the settings
   */
  open(settings: Readonly<Record<string, unknown>>): OpenPlugin | Promise<OpenPlugin>
}

/** A plugin that is ready. What it does is held to the promises of {@link Backend}: nothing is left running after a run, whatever happened to it. */
export interface OpenPlugin {
  /** Without it every source is taken as good. */
  readonly check?: Backend['check']
  readonly run: Backend['run']
}
