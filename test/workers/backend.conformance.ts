import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import { TaskAskError } from '../../queue/lane.ts'
import type { Backend, Host, Invocation, Outcome } from '../../workers/function/backend.ts'

/** What the programs of a stand do; each in the stand's own language. */
export interface Behaviours {
  /** Gives back its input. */
  readonly echoes: string
  /** Fails by itself, naming `no such customer`. */
  readonly throws: string
  /** Logs `hello` and then `careful`. */
  readonly logs: string
  /** Logs more than a megabyte, then gives null. */
  readonly chats: string
  /** Gives a text of as many characters as `input.length` says. */
  readonly swells: string
  /** Gives what is no JSON. */
  readonly babbles: string
  /** Never ends. */
  readonly loops: string
  /** Takes memory until there is none. */
  readonly grows: string
  /** Gives what an earlier run left where runs may leave things (globals, files), null where there is nothing; then leaves `input` there. */
  readonly remembers: string
  /** Calls the tool `input.tool` with `input.args` and gives what it answers; a fault is given as `{ code }`. */
  readonly calls: string
  /** Gives `{ now, dice }`: the clock in ms and a number of the dice. */
  readonly dates: string
  /** Cannot be compiled: its second line is wrong. */
  readonly broken: string
}

/** Why a behaviour is not shown. */
interface Skipped {
  readonly skip: string
}

/** A backend and one of its languages, ready to be judged. */
export interface BackendStand {
  readonly language: FunctionProgram['language']
  readonly image?: string
  /** Longest that a run which never ends is given, in ms, and the slack until it has to be over. Default 300 and 500. */
  readonly timeoutMs?: number
  readonly slackMs?: number
  open(): Promise<Backend>
  close?(): Promise<void>
  readonly programs: { readonly [B in keyof Behaviours]: Behaviours[B] | Skipped }
}

interface Line {
  readonly level: string
  readonly text: string
}

/** What every backend has to keep. */
export function describeBackend(title: string, stand: BackendStand): void {
  const timeoutMs = stand.timeoutMs ?? 300
  const limits = { memoryBytes: 33_554_432, timeoutMs: 10_000, maxOutputBytes: 65_536, maxLogBytes: 65_536 }
  let backend: Backend

  const programOf = (source: string, own: Partial<typeof limits> = {}): FunctionProgram => ({
    hash: createHash('sha256').update(source).digest('hex'),
    language: stand.language,
    backend: backend.name,
    image: stand.image ?? null,
    limits: { ...limits, ...own },
  })

  async function run(
    source: string,
    input: unknown,
    { lines = [], ...own }: Partial<Invocation & typeof limits & Pick<Host, 'callTool'>> & { readonly lines?: Line[] } = {},
  ): Promise<Outcome> {
    const program = programOf(source, own.timeoutMs ? { timeoutMs: own.timeoutMs } : {})
    return await backend.run(
      { program, source: async () => source, input: JSON.stringify(input), nowMs: own.nowMs ?? null, seed: own.seed ?? null },
      {
        signal: AbortSignal.timeout(program.limits.timeoutMs),
        deadline: Date.now() + program.limits.timeoutMs,
        log: (level, text) => void lines.push({ level, text }),
        callTool: own.callTool ?? (() => Promise.reject(new TaskAskError('not_found', 'There is no such tool.'))),
      },
    )
  }

  const output = (outcome: Outcome): unknown => (outcome.ok ? JSON.parse(outcome.output) : outcome)

  function behaviour(name: keyof Behaviours, sentence: string, judge: (source: string) => Promise<void>): void {
    const program = stand.programs[name]
    if (typeof program === 'string') test(sentence, () => judge(program))
    else test.skip(`${sentence} (${program.skip})`, () => {})
  }

  describe(title, () => {
    beforeAll(async () => {
      backend = await stand.open()
    })
    afterAll(async () => {
      await stand.close?.()
    })

    behaviour('echoes', 'gives back what the function gives, text of all scripts included', async (echoes) => {
      const input = { texts: ['grüße', '漢字', '😀', '\u0000', '"\\'], numbers: [0, -1.5, 1e21], nothing: null, yes: true }

      expect(output(await run(echoes, input))).toEqual(input)
    })

    behaviour('echoes', 'finds nothing wrong with what can be run', async (echoes) => {
      expect(await backend.check(programOf(echoes), echoes, AbortSignal.timeout(10_000))).toEqual([])
    })

    behaviour('throws', 'says what the function threw, and that it was the function', async (throws) => {
      const outcome = await run(throws, {})

      expect(outcome).toMatchObject({ ok: false, reason: 'thrown' })
      expect(outcome).toHaveProperty('message', expect.stringContaining('no such customer'))
    })

    behaviour('logs', 'hands over what the function logs, in order', async (logs) => {
      const lines: Line[] = []

      await run(logs, {}, { lines })

      expect(lines.map(({ text }) => text)).toEqual(['hello', 'careful'])
    })

    behaviour('chats', 'is not stopped by a flood of lines', async (chats) => {
      expect(output(await run(chats, {}))).toBe(null)
    })

    behaviour('swells', 'takes an output up to the limit and refuses one beyond it', async (swells) => {
      expect(output(await run(swells, { length: 60_000 }))).toHaveLength(60_000)
      expect(await run(swells, { length: 70_000 })).toMatchObject({ ok: false, reason: 'output' })
    })

    behaviour('babbles', 'refuses an output that is no JSON', async (babbles) => {
      expect(await run(babbles, {})).toMatchObject({ ok: false, reason: 'json' })
    })

    behaviour('loops', 'stops a function that does not end', async (loops) => {
      const startedAt = performance.now()

      const outcome = await run(loops, {}, { timeoutMs })

      expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs + (stand.slackMs ?? 500))
    })

    behaviour('grows', 'ends a function that takes more memory than it may, and goes on', async (grows) => {
      expect(await run(grows, {})).toMatchObject({ ok: false, reason: 'memory' })
      expect((await run(grows, {})).ok).toBe(false)
    })

    behaviour('remembers', 'lets no run see what an earlier one left', async (remembers) => {
      expect(output(await run(remembers, 'first'))).toBe(null)
      expect(output(await run(remembers, 'second'))).toBe(null)
    })

    behaviour('calls', 'carries calls of tools and their answers', async (calls) => {
      const callTool = async (name: string, args: string): Promise<string> => JSON.stringify({ name, args: JSON.parse(args) })

      const given = await run(calls, { tool: 'math__add', args: { a: 1, b: [2] } }, { callTool })

      expect(output(given)).toEqual({ name: 'math__add', args: { a: 1, b: [2] } })
    })

    behaviour('calls', 'lets a function catch what a tool refuses', async (calls) => {
      expect(output(await run(calls, { tool: 'nothing__here', args: {} }))).toEqual({ code: 'not_found' })
    })

    behaviour('dates', 'gives the same clock and dice for the same seed, and others for another', async (dates) => {
      const nowMs = 1_700_000_000_000

      const first = output(await run(dates, {}, { nowMs, seed: 7 }))
      const again = output(await run(dates, {}, { nowMs, seed: 7 }))
      const other = output(await run(dates, {}, { nowMs, seed: 8 }))

      expect(first).toMatchObject({ now: nowMs })
      expect(again).toEqual(first)
      expect(other).not.toEqual(first)
    })

    behaviour('dates', 'gives the real clock where none is given', async (dates) => {
      const before = Date.now()

      const { now } = output(await run(dates, {})) as { now: number }

      expect(now).toBeGreaterThanOrEqual(before)
      expect(now).toBeLessThanOrEqual(Date.now())
    })

    behaviour('broken', 'says where a source is wrong, when asked and when run', async (broken) => {
      const problems = await backend.check(programOf(broken), broken, AbortSignal.timeout(10_000))

      expect(problems).toContainEqual(expect.objectContaining({ line: 2, message: expect.any(String) }))
      expect(await run(broken, {})).toMatchObject({ ok: false, reason: 'compile' })
    })
  })
}
