import { z } from 'zod'
import { functionLane } from '../../../queue/function.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { LaneHandler } from '../../contract/queue.ts'
import { parseInput } from '../../core/parse-input.ts'
import type { DraftSources } from './draft-sources.ts'
import { endedRow } from './ended-row.ts'
import type { FunctionSettings } from './function.settings.ts'
import type { FunctionRows } from './function-rows.ts'
import { callTool } from './host-call.ts'
import type { InvocationLog } from './invocation-log.ts'
import { pluginSettings } from './plugin-settings.ts'

/** What the handler stands on. */
interface Parts {
  readonly house: House<FunctionSettings>
  readonly rows: FunctionRows
  readonly drafts: DraftSources
  readonly log: InvocationLog
}

const ToolAsk = z.strictObject({ name: z.string().max(256), arguments: z.unknown() })

/** Answers what running functions ask, and writes down how they ended. What a worker sends is judged like anything from outside. */
export function createLaneHandler({ house, rows, drafts, log }: Parts): LaneHandler {
  return {
    async ask(job, name, body, signal) {
      const payload = functionLane.payload.parse(job.payload)
      // Of the backend that the job runs on, and of no other.
      if (name === 'settings') return { settings: await pluginSettings(house, payload.program.backend) }
      if (payload.kind !== 'invoke') throw new Fault('invalid', `A check asks for settings alone, but it asked for ${name}.`)
      if (name === 'code') return { source: await sourceOf(payload.program.hash) }
      if (name === 'tool') return callTool(house, payload, parseInput(ToolAsk, body), signal)
      throw new Fault('invalid', `There is nothing to ask for by the name ${name.slice(0, 40)}.`)
    },
    async settled(job) {
      let name: string | undefined
      await log.ended(() => {
        const { data: payload } = functionLane.payload.safeParse(job.payload)
        // A check, or a job of a program that put it in other words.
        if (payload?.kind !== 'invoke') return undefined
        name = payload.functionName
        return endedRow(job, payload, house.nextId(), house.nowMs())
      })
      if (name !== undefined) house.events.publish('function', { name })
    },
  }

  async function sourceOf(hash: string): Promise<string> {
    const source = drafts.get(hash) ?? (await rows.source(hash))
    if (source !== undefined) return source
    throw new Fault('not_found', 'The source that was to run is kept no longer: its draft was changed meanwhile. Try again.')
  }
}
