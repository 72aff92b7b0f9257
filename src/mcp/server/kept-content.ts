import { z } from 'zod'
import { isLogLevel, type LogLevel } from './log-level.ts'
import { isRecord } from './message.ts'
import { isRevision, type Revision } from './revision.ts'
import type { Session } from './session.ts'

const Row = z.custom<Readonly<Record<string, unknown>>>(isRecord)

const Content = z.object({
  revision: z.custom<Revision>((value) => typeof value === 'string' && isRevision(value)),
  capabilities: Row,
  info: Row,
  level: z.custom<LogLevel>(isLogLevel).optional(),
  known: z.object({ tool: z.string(), prompt: z.string(), resource: z.string(), template: z.string() }),
  watched: z.array(z.string()).optional(),
})

/** What is written down of a session besides whose it is. */
export function keptContent({ revision, capabilities, info, level, known, watched }: Session): string {
  return JSON.stringify({
    ...{ revision, capabilities, info, level, known },
    ...(watched?.size && { watched: [...watched] }),
  })
}

/** Read it again; `undefined` for what another version of the gateway wrote in another way, and for what is no JSON. */
export function readKeptContent(json: string): z.output<typeof Content> | undefined {
  try {
    return Content.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}
