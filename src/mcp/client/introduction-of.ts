import type { ServerIntroduction } from './connection.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a server said of itself, as it was sent, but for fields of a wrong type that others rely on: they count as absent. */
export function introductionOf(said: Fields, protocolVersion: string, serverInfo: unknown): ServerIntroduction {
  const { instructions, ...rest } = said
  return {
    ...rest,
    ...(typeof instructions === 'string' && { instructions }),
    protocolVersion,
    capabilities: isFields(said['capabilities']) ? said['capabilities'] : {},
    serverInfo: isFields(serverInfo) ? serverInfo : {},
  }
}

/** Whether a value is an object with fields. */
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
