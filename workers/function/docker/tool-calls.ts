import { z } from 'zod'
import { TaskAskError } from '../../../queue/lane.ts'
import type { Host } from '../backend.ts'

/** Calls of one run that wait for their answers. */
const MAX_OPEN = 32

const Call = z.object({ id: z.int(), name: z.string().max(200), args: z.string() })

type Answer = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly code: string; readonly text: string }

/** Calls of tools that a container asks for, and their answers. */
export class ToolCalls {
  readonly #host: Host
  #stdin: NodeJS.WritableStream | undefined
  #open = 0

  constructor(host: Host) {
    this.#host = host
  }

  begin(stdin: NodeJS.WritableStream): void {
    this.#stdin = stdin
  }

  /** What is no call is overlooked: only a function that writes on its own says such things. */
  hear(body: string): void {
    const call = Call.safeParse(json(body))
    if (!call.success) return
    void this.#answer(call.data)
  }

  async #answer({ id, name, args }: z.output<typeof Call>): Promise<void> {
    this.#open += 1
    const answer = await this.#call(name, args)
    this.#open -= 1
    if (this.#stdin?.writable) this.#stdin.write(`${JSON.stringify({ id, ...answer })}\n`)
  }

  async #call(name: string, args: string): Promise<Answer> {
    if (this.#open > MAX_OPEN) return { ok: false, code: 'busy', text: `More than ${MAX_OPEN} calls at once are not carried.` }
    try {
      return { ok: true, text: await this.#host.callTool(name, args) }
    } catch (thrown) {
      const code = thrown instanceof TaskAskError ? thrown.code : 'internal'
      return { ok: false, code, text: thrown instanceof Error ? thrown.message : 'The call failed.' }
    }
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
