import { z } from 'zod'

/** Arguments of a call in the shape of the API behind a tool, as `ANY /api/x/<source>/<path>` makes them. */
export const RawCall = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  /** Path and query, as they came. */
  target: z
    .string()
    .max(16_384)
    .regex(/^\/[^\s#]*$/, 'A path that begins with / was expected'),
  /** Lower-case names. */
  headers: z.record(z.string().max(200), z.string().max(16_384)).default({}),
  /** Base64; null for none. */
  body: z.string().nullable().default(null),
})

export type RawCall = z.output<typeof RawCall>

/** What such a call answers. */
export const RawAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** The body where it is text. */
  text: z.string().nullable(),
  /** The body where it is not. */
  base64: z.string().nullable(),
  /** The answer was longer; this is its beginning. */
  isCut: z.boolean(),
})

export type RawAnswer = z.output<typeof RawAnswer>

/** How such a call is asked for by name: no tool that is listed has a slash in its name. */
export const rawCallName = (source: string, method: string, path: string): string => `x/${source}/${method} ${path}`
