import { z } from 'zod'

const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** An address without a name and password in it, because it is shown. */
export const address = z
  .url({ protocol: /^https?$/, error: 'An address that begins with https:// was expected' })
  .max(2_000)
  .refine(
    (text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '',
    'Leave name and password out of the address',
  )

/** What an operator decides about an API, besides its credential and its single operations. */
export const definitionFields = {
  title: z.string().trim().max(200).default('').describe('For people; default what the document says'),
  serverUrl: address.optional().describe('Where the API is; default the first server of the document'),
  otherHosts: z
    .array(z.string().max(260).toLowerCase())
    .max(20)
    .default([])
    .describe('Other hosts (name, or name:port) that operations of the document may go to, with the same credential'),
  timeoutMs: z.int().min(100).max(600_000).default(30_000).describe('Longest that one call may take'),
  maxAnswerBytes: z
    .int()
    .min(1_000)
    .max(64_000_000)
    .default(4_000_000)
    .describe('What is read of an answer; the rest is cut off'),
  answerHeaders: z
    .array(z.string().toLowerCase().regex(HEADER, 'This is no name of a header').max(100))
    .max(50)
    .default([])
    .describe('Headers of an answer that callers see, besides those that they always do'),
  refreshHours: z
    .number()
    .min(0.01)
    .max(8_760)
    .nullable()
    .default(null)
    .describe('How often the document is fetched again from its address; null for never'),
}

/** The settings of an API, as they are kept. */
export const Definition = z.object({ ...definitionFields, serverUrl: address })

export type Definition = z.output<typeof Definition>

/** Read settings that were kept. */
export const readDefinition = (json: string): Definition => Definition.parse(JSON.parse(json))
