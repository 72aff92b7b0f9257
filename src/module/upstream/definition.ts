import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import { parseInput } from '../../core/parse-input.ts'
import { ASKABLE } from './capabilities.ts'
import { literalSecrets } from './literal-secrets.ts'

const texts = z.record(
  z.string().regex(/^[^\s=\0]+$/, 'A name must have no spaces and no ='),
  z.string().regex(/^[^\0\r\n]*$/, 'A value must be one line'),
)
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const commands = z.record(z.string().regex(HEADER), z.array(z.string().min(1)).min(1))

/** What an operator knows better than the server's own hints, for one tool, by its name at the server. */
const ToolRule = z.strictObject({
  idleTimeoutMs: z.int().min(100).max(3_600_000).optional(),
  maxTimeoutMs: z.int().min(100).max(86_400_000).optional(),
  effect: z.enum(['read', 'write', 'erase']).optional(),
  idempotent: z.boolean().optional(),
  /** What it is called here instead. */
  rename: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'A name has 1 to 64 letters, digits, _ and -')
    .optional(),
})

const common = {
  /** Connect it; a person can override this at run time unless it is pinned. */
  enabled: z.boolean().default(true),
  /** Refuse to be enabled or disabled at run time. */
  pinned: z.boolean().default(false),
  /** One connection for all callers. Only for servers that keep nothing per client. */
  shared: z.boolean().default(false),
  /** What stands before `__` in tool names; default the alias. An empty text leaves the names as they are. */
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{0,31}$/, 'A prefix has at most 31 letters, digits, _ and -')
    .optional(),
  /** Which tool names begin with the prefix: `always`, `never`, or only those that others have as well. Rights are to prefixed names in any case. */
  names: z.enum(['always', 'on_clash', 'never']).default('always'),
  /** A call ends after this long without a sign of life; progress is one. Default 60 s. */
  idleTimeoutMs: z.int().min(100).max(3_600_000).default(60_000),
  /** A call ends after this long in any case. Default 10 min. */
  maxTimeoutMs: z.int().min(100).max(86_400_000).default(600_000),
  /** Starting the server and its handshake. Default 60 s. */
  connectTimeoutMs: z.int().min(100).max(600_000).default(60_000),
  /** Calls at the same time. Default 8; 1 serialises. */
  maxConcurrency: z.int().min(1).max(10_000).default(8),
  /** Calls that wait for a place, in their order; one more is refused. Default 256. */
  maxQueue: z.int().min(0).max(100_000).default(256),
  /** Sessions at the same time where it is not shared; each is a process of its own for a stdio server. Default 100. */
  maxSessions: z.int().min(1).max(10_000).default(100),
  /** A larger answer is aborted. Default 10 MiB. */
  maxResultBytes: z.int().min(1_024).max(1_073_741_824).default(10_485_760),
  /** Variable (stdio) or header (http) → a command whose output is the value; run without a shell at each connect. */
  passwordCommand: commands.default({}),
  /** How it is spoken to: `session` is MCP until 2025-11-25, `stateless` since 2026-07-28. Default `auto`: it is found out. */
  era: z.enum(['auto', 'session', 'stateless']).default('auto'),
  /** What the server may not ask of clients. */
  deny: z.array(z.enum(ASKABLE)).default([]),
  tools: z.record(z.string(), ToolRule).default({}),
}

const StdioDefinition = z.strictObject({
  transport: z.literal('stdio'),
  command: z
    .string()
    .min(1)
    .regex(/^[^\0]+$/),
  args: z.array(z.string().regex(/^[^\0]*$/)).default([]),
  cwd: z
    .string()
    .min(1)
    .regex(/^[^\0]+$/)
    .optional(),
  env: texts.default({}),
  /** A file of lines `NAME=value`, read anew at each connect; `env` wins over it. */
  envFile: z
    .string()
    .regex(/^\/[^\0]+$/, 'The path of a file must be absolute')
    .optional(),
  ...common,
})

const HttpDefinition = z.strictObject({
  /** `sse`: HTTP+SSE as it was until 2024-11-05; `http` finds that out by itself, but asks in vain first. */
  transport: z.enum(['http', 'sse']),
  url: z.url({ protocol: /^https?$/, error: 'An address must begin with http:// or https://' }),
  headers: z
    .record(
      z.string().regex(HEADER, 'This cannot be the name of a header').toLowerCase(),
      z.string().regex(/^[\x20-\x7e\t]*$/, 'A header is one line of ASCII'),
    )
    .default({}),
  ...common,
})

const AnyDefinition = z.discriminatedUnion('transport', [StdioDefinition, HttpDefinition], {
  error: 'The transport must be stdio, http or sse',
})

/** How to reach one server, judged and complete. */
export type Definition = z.output<typeof AnyDefinition>

/**
 * Judge what somebody wrote. `type` stands for `transport` as well, and both may be left out where `command` or `url` says it.
 *
 * @throws Fault `invalid`, also for a secret that is written out instead of referred to, and for a reference where none is looked up
 */
export function parseDefinition(raw: unknown): Definition {
  const definition = parseInput(AnyDefinition, normalise(raw))
  if (!saysWhatItMeans(definition)) {
    const message = 'The transport sse knows only the session era.'
    throw new Fault('invalid', message, { details: [{ path: '/era', message }] })
  }
  const misplaced = misplacedReferences(definition)
  if (misplaced.length > 0) {
    const message = 'references are looked up in env and headers only'
    throw new Fault('invalid', `${misplaced.join(', ')}: ${message}. Hand the value over there.`, {
      details: misplaced.map((path) => ({ path, message })),
    })
  }
  const secrets = literalSecrets(definition)
  if (secrets.length === 0) return definition
  throw new Fault(
    'invalid',
    `${secrets.join(', ')}: this looks like a secret, and secrets are not kept here. Keep it with secret_create and write secret:<name> instead, or refer to the environment with env:NAME or to a file with file:/path.`,
    { details: secrets.map((path) => ({ path, message: 'looks like a secret that is written out' })) },
  )
}

/** Where a reference stands that nobody would look up, as JSON pointers: arguments and addresses are seen by everybody who lists processes or logs. */
function misplacedReferences(definition: Definition): string[] {
  const texts =
    definition.transport === 'stdio'
      ? [
          ['/command', definition.command],
          ['/cwd', definition.cwd ?? ''],
          ...definition.args.map((arg, at) => [`/args/${at}`, arg]),
        ]
      : [['/url', definition.url]]
  return texts.filter(([, text]) => /^secret:|\$\{(secret|env|file|command):/i.test(text!)).map(([path]) => path!)
}

const TRANSPORTS: Readonly<Record<string, string>> = {
  'streamable-http': 'http',
  streamableHttp: 'http',
  streamable_http: 'http',
}

/** HTTP+SSE has no other era, and the definition of one that says so is more likely wrong than meant. */
const saysWhatItMeans = ({ transport, era }: Pick<Definition, 'transport' | 'era'>): boolean =>
  transport !== 'sse' || era !== 'stateless'

function normalise(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  const { type, transport, ...rest } = raw as Record<string, unknown>
  const named = transport ?? type ?? inferred(rest)
  return { ...rest, transport: typeof named === 'string' ? (TRANSPORTS[named] ?? named) : named }
}

const inferred = (fields: Record<string, unknown>): string | undefined =>
  'command' in fields ? 'stdio' : 'url' in fields ? 'http' : undefined
