import { z } from 'zod'

/** Names a function: in the tool `fn__<name>`, in addresses and in permits. */
export const FunctionName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'A name has 1 to 40 lower-case letters, digits, hyphens and underscores and begins with a letter.',
  )

/** What a function's code is written in; `wasm` is a compiled module in base64. */
const LANGUAGES = ['javascript', 'typescript', 'wasm', 'python', 'node', 'image'] as const

const MIB = 1_048_576

const Schema = z.record(z.string(), z.unknown())

const Limits = z.strictObject({
  memoryBytes: z
    .int()
    .min(MIB)
    .max(1_024 * MIB)
    .default(32 * MIB)
    .describe('Memory, in bytes'),
  timeoutMs: z.int().min(10).max(900_000).default(5_000).describe('Time, in ms'),
  maxOutputBytes: z
    .int()
    .min(16)
    .max(8 * MIB)
    .default(MIB)
    .describe('Result, in bytes of JSON'),
  maxLogBytes: z.int().min(0).max(MIB).default(65_536).describe('Logs, in bytes of all lines together'),
})

/** A permission key or a glob of such, e.g. `tool:files__read_*`. */
const Key = z
  .string()
  .max(400)
  .regex(
    /^(?:[a-z*][A-Za-z0-9_*:.-]{0,127}|(?:prompt|resource):\S(?:.*\S)?)$/,
    'A key looks like tool:files__read_file, upstream.read, tool:files__*, prompt:docs__* or resource:docs__file:///*.',
  )
  .refine((key) => !/\p{C}/u.test(key), 'Expected no characters that cannot be seen')

/** Everything of a function but its name and its source: what a version pins. */
export const definitionFields = {
  title: z.string().max(100).default('').describe('What people call it; its name without'),
  description: z.string().max(4_000).default('').describe('What it does, for people and models'),
  language: z
    .enum(LANGUAGES)
    .default('javascript')
    .describe('wasm: a compiled module in base64; python and node run in containers, image: the container itself'),
  backend: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'A backend has 1 to 31 lower-case letters, digits and hyphens.')
    .default('wasm')
    .describe('What runs it: wasm in the worker itself, docker, or a plugin'),
  image: z.string().max(300).optional().describe('For docker: name@sha256:…'),
  effect: z.enum(['read', 'write', 'erase']).default('write').describe('What calling it does to the world'),
  idempotent: z
    .boolean()
    .default(false)
    .describe('May run twice with the effect of once; then it is tried again when a worker dies'),
  inputSchema: Schema.default({ type: 'object' }).describe('JSON Schema of its arguments, an object'),
  outputSchema: Schema.optional().describe('JSON Schema of its result'),
  limits: Limits.default(Limits.parse({})),
  keys: z
    .array(Key)
    .max(100)
    .default([])
    .describe("Rights of its caller's that its code may use, e.g. tool:files__read_*; none without"),
} as const

/** A definition as it is kept. */
export const Definition = z.strictObject(definitionFields)

export type Definition = z.output<typeof Definition>

/** The definition in a row. */
export const readDefinition = (text: string): Definition => Definition.parse(JSON.parse(text))

/** Whether a run may be repeated without harm. */
export const isRepeatable = ({ effect, idempotent }: Definition): boolean => effect === 'read' || idempotent
