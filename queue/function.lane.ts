import { z } from 'zod'
import { defineLane } from './lane.ts'

const JsonSchema = z.record(z.string(), z.unknown())

/** What one attempt may use. Bytes, ms. */
const Limits = z.object({
  memoryBytes: z.int().positive(),
  timeoutMs: z.int().positive(),
  maxOutputBytes: z.int().positive(),
  /** Of all lines together. */
  maxLogBytes: z.int().nonnegative(),
})

/** What a function is written in. `image`: the image itself is the function, and each line of the source an argument of it. */
export const FunctionLanguage = z.enum(['javascript', 'typescript', 'wasm', 'python', 'node', 'image'])

/** What is to be run; the code itself travels only to workers that do not have it yet. */
const Program = z.object({
  /** SHA-256 of the source, hex; the key of the workers' caches, and the body of the ask `code`, which answers `{ source }` (WASM modules in base64). */
  hash: z.string(),
  language: FunctionLanguage,
  backend: z.string(),
  /** For the Docker backend: `name@sha256:…`. */
  image: z.string().nullable(),
  limits: Limits,
})

/** A function's code by name: what it is written in, what runs it and what it may use. */
export type FunctionProgram = z.output<typeof Program>

const LogLevel = z.enum(['debug', 'info', 'warn', 'error'])

/** How loud a function's log line is. */
export type FunctionLogLevel = z.output<typeof LogLevel>

const LogLine = z.object({
  /** Since the attempt began. */
  atMs: z.number(),
  level: LogLevel,
  text: z.string(),
})

const Invoke = z.object({
  kind: z.literal('invoke'),
  program: Program,
  functionName: z.string(),
  input: z.unknown(),
  /** Judged in the worker; null where none was declared. */
  outputSchema: JsonSchema.nullable(),
  /** Frozen clock (ms since the epoch) and seeded dice, for runs that have to give the same answer twice. */
  nowMs: z.int().nullable(),
  seed: z.int().nullable(),
  /** Whom host calls are made for; handed back with every ask. */
  caller: z.object({ userId: z.int().nullable(), tokenId: z.int().nullable() }),
  /** For the log of invocations, as are `asked`, `functionId` and `version`. */
  callerId: z.string().default(''),
  callerName: z.string().default(''),
  /** What it was asked for by: a call of the tool, a test of the draft, a job that somebody left behind. */
  asked: z.enum(['call', 'test', 'submit']).default('call'),
  /** Permission keys that the version may use out of its caller's. */
  keys: z.array(z.string()),
  /** How many functions stand above this one. */
  depth: z.int().min(0),
  requestId: z.string(),
  sessionKey: z.string(),
  /** The visit that waits for it, and the process that knows the visit by this id; null where none waits. */
  visit: z.object({ id: z.int(), process: z.string() }).nullable().default(null),
  functionId: z.int(),
  version: z.int().nullable(),
})

/** Compile without running, so that what is published compiles. */
const Check = z.object({
  kind: z.literal('check'),
  program: Program.extend({ source: z.string() }),
})

/** Where source is wrong; lines and columns count from 1. */
export const SourceProblem = z.object({ line: z.int().nullable(), column: z.int().nullable(), message: z.string() })

/**
 * Why a function gave no result: `thrown` by the function itself; `output` is too large or too deep, `json` is none, `schema` does not fit; the others
 * are the sandbox's.
 */
export const FunctionFailure = z.enum(['thrown', 'compile', 'memory', 'output', 'json', 'schema', 'timeout', 'crash'])

export type FunctionFailure = z.output<typeof FunctionFailure>

const Invoked = z.object({
  kind: z.literal('invoked'),
  outcome: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), output: z.unknown() }),
    z.object({
      ok: z.literal(false),
      reason: FunctionFailure,
      /** Safe to show; with line and column of the author's source where known. */
      message: z.string(),
    }),
  ]),
  logs: z.array(LogLine),
  logsCut: z.boolean(),
  durationMs: z.number(),
})

const Checked = z.object({ kind: z.literal('checked'), problems: z.array(SourceProblem) })

/** Runs function nodes in their sandboxes. A function that fails is a result; only what is no fault of the function is retried. */
export const functionLane = defineLane({
  name: 'function',
  summary: 'Runs functions in sandboxes.',
  payload: z.discriminatedUnion('kind', [Invoke, Check]),
  result: z.discriminatedUnion('kind', [Invoked, Checked]),
  talks: true,
  levels: 4,
  // A thread more than one token may use: functions that compute without end hold their threads until their deadline, and others run meanwhile.
  policy: { threads: 3, timeoutMs: 10_000, perToken: 2 },
})
