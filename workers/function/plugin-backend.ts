import { z } from 'zod'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import { FunctionFailure, SourceProblem } from '../../queue/function.lane.ts'
import type { Backend, Host, Invocation, Outcome } from './backend.ts'
import { BackendRefusal } from './backend-refusal.ts'
import { failed, printedOutput, TIMED_OUT } from './outcome.ts'
import { loadPlugin, openPlugin } from './plugin/load-plugin.ts'
import type { OpenPlugin } from './plugin/plugin.ts'
import { untilAborted } from './until-aborted.ts'

/** How long a plugin that was told to stop has to clean up and say how it ended, in ms. Its thread is ended soon after. */
const GRACE_MS = 250

const OutcomeShape = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: z.string() }),
  z.object({ ok: z.literal(false), reason: FunctionFailure, message: z.string() }),
])

/** What a plugin is, and where. */
export interface PluginSettings {
  /** As in `[function.plugin.<name>]` and in the programs. */
  readonly name: string
  readonly module: string
  readonly baseDir: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** Load a plugin and make a backend of it. @throws BackendRefusal saying what is wrong with it */
export async function openPluginBackend({ name, module, baseDir, settings }: PluginSettings): Promise<Backend> {
  const plugin = await loadPlugin(name, module, baseDir)
  return pluginBackend(name, plugin.languages, await openPlugin(name, plugin, settings))
}

/** Whatever the plugin does or throws stays with the run that it did it in. */
function pluginBackend(name: string, languages: readonly FunctionProgram['language'][], opened: OpenPlugin): Backend {
  const guard = async <T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await untilAborted(act(), signal)
    } catch (thrown) {
      if (signal.aborted || thrown instanceof BackendRefusal) throw thrown
      const words = thrown instanceof Error ? thrown.message : String(thrown)
      throw new BackendRefusal('unavailable', `The plugin ${name} failed: ${words.slice(0, 500)}`, { cause: thrown })
    }
  }
  return {
    name,
    languages,
    async check(program, source, signal) {
      if (opened.check === undefined) return []
      const problems = await guard(async () => await opened.check!(program, source, signal), signal)
      return z.array(SourceProblem).parse(problems)
    },
    async run(invocation, host) {
      const late = lateSignal(host)
      try {
        return judge(await guard(async () => await opened.run(invocation, host), late), invocation, host)
      } catch (thrown) {
        if (host.signal.aborted) return TIMED_OUT
        throw thrown
      }
    },
  }
}

/** Aborts a little after the run had to stop. */
function lateSignal({ signal }: Host): AbortSignal {
  const late = new AbortController()
  const arm = (): void => void setTimeout(() => late.abort(signal.reason), GRACE_MS).unref()
  if (signal.aborted) arm()
  else signal.addEventListener('abort', arm, { once: true })
  return late.signal
}

function judge(given: unknown, invocation: Invocation, { signal }: Host): Outcome {
  if (signal.aborted) return TIMED_OUT
  const outcome = OutcomeShape.safeParse(given)
  if (!outcome.success) return failed('crash', 'The plugin gave no outcome: { ok, output } or { ok, reason, message }.')
  if (!outcome.data.ok) return outcome.data
  return printedOutput(outcome.data.output, invocation.program.limits.maxOutputBytes)
}
