import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { RpcMessage } from '../rpc.ts'
import { childEnvironment } from './child-environment.ts'
import type { ChildRegister } from './child-register.ts'
import { ClientError } from './client-error.ts'
import { createLineSplitter } from './line-splitter.ts'
import { endGroup } from './process-group.ts'
import { createRateCap } from './rate-cap.ts'
import type { ClientTransport, TransportListener } from './transport.ts'

/** How to start a server that speaks MCP on its standard input and output. */
export interface StdioOptions {
  /** A program, found by PATH. A bare `node` means the Node that runs us. */
  readonly command: string
  readonly args: readonly string[]
  /** Default: where we run. */
  readonly cwd?: string | undefined
  /** Added to the allow-listed part of our own environment. */
  readonly env: Readonly<Record<string, string>>
  /** A longer line is dropped, and the request that it answers fails with `too_large`. */
  readonly maxMessageBytes: number
  /** What may wait to be read by the server, default 128 MiB; one that reads no more is ended then. */
  readonly maxBacklogBytes?: number
  /** From TERM to KILL. */
  readonly killAfterMs: number
  readonly register: ChildRegister
  /** One line of standard error, already rate capped. */
  readonly onStderr: (line: string) => void
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const BACKLOG_BYTES = 134_217_728
const STDERR_LINES_PER_SECOND = 100
const STDERR_LINE_BYTES = 8_192
/** A server that writes so many lines without a message between them is none. */
const GARBAGE_LINES = 10_000
/** A server that ends by the end of its input may finish what it is at; most do not end by it. */
const GRACE_MS = 100
/** How long output may still come after the leader of the group has ended. */
const LAST_WORDS_MS = 250

/** A server as a child process: the leader of its own group, started without a shell. */
export function createStdioTransport(options: StdioOptions): ClientTransport {
  let child: Child | undefined
  let listener: TransportListener | undefined
  let over: Promise<void> | undefined
  let outbox: string[] = []
  const { maxBacklogBytes = BACKLOG_BYTES } = options

  // One write for all messages of one turn of the event loop: a system call costs more than a call's JSON.
  const flush = (): void => {
    const lines = outbox
    outbox = []
    if (!child?.stdin.writable) return
    child.stdin.write(lines.length === 1 ? lines[0]! : lines.join(''))
    if (child.stdin.writableLength > maxBacklogBytes) finish('The server stopped reading its input.')
  }
  const finish = (why: string): Promise<void> => {
    over ??= end(child!, why)
    return over
  }
  const end = async (ending: Child, why: string): Promise<void> => {
    ending.stdin.end()
    const exited = exit(ending)
    await Promise.race([exited, delay(Math.min(GRACE_MS, options.killAfterMs), undefined, { ref: false })])
    const gone = await endGroup(ending.pid!, options.killAfterMs)
    await exited
    await lastWords(ending)
    ending.stdout.destroy()
    ending.stderr.destroy()
    // What KILL cannot end is a zombie that waits for its own parent; it runs no more.
    if (!gone) options.onStderr('(some of its processes could not be collected)')
    options.register.remove(ending.pid!)
    listener?.closed(new ClientError('lost', why))
  }
  /** One that cannot be written down would be left behind if we were killed. */
  const enter = async ({ pid }: Child): Promise<void> => {
    try {
      options.register.add(pid!)
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
      await finish('The connection was closed.')
      throw new ClientError(
        'unreachable',
        `Its process could not be written down in the data folder (${code}). Is the disk full?`,
        { cause, sent: false },
      )
    }
  }
  return {
    stateful: true,
    async open(to) {
      listener = to
      const running = await start(options)
      child = running
      running.once('exit', (code, signal) => void finish(describeExit(code, signal)))
      running.stdin.on('error', () => {})
      running.stdout.on('error', () => {})
      running.stderr.on('error', () => {})
      // A server that ends closes its output first; how it ended is the better explanation.
      running.stdout.once('end', () => {
        Promise.race([exit(running), delay(LAST_WORDS_MS)]).then(() => finish('The server closed its standard output.'))
      })
      readMessages(running.stdout, options, to, () => {
        void finish(`The server wrote ${GARBAGE_LINES} lines to its standard output that are no messages of MCP.`)
      })
      readStderr(running.stderr, options)
      await enter(running)
    },
    send(message: RpcMessage) {
      if (over !== undefined || child === undefined) return
      if (outbox.length === 0) setImmediate(flush)
      outbox.push(`${JSON.stringify(message)}\n`)
    },
    abandon() {},
    arrived: () => Promise.resolve(),
    negotiated() {},
    close: () => (child === undefined ? Promise.resolve() : finish('The connection was closed.')),
  }
}

async function start({ command, args, cwd, env }: StdioOptions): Promise<Child> {
  try {
    const child = spawn(command === 'node' ? process.execPath : command, args, {
      cwd,
      env: childEnvironment(env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      shell: false,
    })
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw new ClientError('unreachable', startFault(command, cwd, cause as NodeJS.ErrnoException), { cause, sent: false })
  }
}

const exit = (child: Child): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()))

function startFault(command: string, cwd: string | undefined, cause: NodeJS.ErrnoException): string {
  // spawn answers ENOENT for both, and does not say which it was.
  if (cause.code === 'ENOENT') {
    const folder = cwd === undefined ? '' : `, or the folder ${cwd} does not exist`
    return `The command "${command}" was not found${folder}. Give its full path, or put its folder into PATH.`
  }
  if (cause.code === 'EACCES') return `The command "${command}" may not be executed. Check its permissions.`
  return `The command "${command}" could not be started (${cause.code ?? 'unknown reason'}).`
}

/** @param giveUp called once, over a server that writes nothing but garbage */
function readMessages(
  stdout: Readable,
  { maxMessageBytes }: StdioOptions,
  listener: TransportListener,
  giveUp: () => void,
): void {
  let garbageLines = 0
  const splitter = createLineSplitter(maxMessageBytes, {
    line(text) {
      const message = parsed(text)
      garbageLines = isMessage(message) ? 0 : garbageLines + 1
      if (garbageLines === GARBAGE_LINES) giveUp()
      if (message !== undefined) listener.receive(message, undefined)
      else if (text.trim() !== '') listener.noise(text.slice(0, 200))
    },
    overflow(head, tail) {
      const id = answeredId(head, tail)
      const error = new ClientError('too_large', `The answer is larger than the limit of ${maxMessageBytes} bytes.`)
      if (id === undefined) listener.noise(`(dropped a line of more than ${maxMessageBytes} bytes)`)
      else listener.fail(id, error)
    },
  })
  stdout.on('data', (chunk: Buffer) => splitter.push(chunk))
}

/** What a line says; undefined for garbage. An error that is thrown costs more than all else here, so the plainest garbage throws none. */
function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isMessage = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('method' in value || 'id' in value || Array.isArray(value))

/** Which request a dropped answer belonged to: servers write the id either first or last. */
function answeredId(head: string, tail: string): number | undefined {
  const found =
    /^\s*\{(?:"jsonrpc":\s?"2\.0",\s?)?"id":\s?(\d+)\s?,/.exec(head) ?? /"id":\s?(\d+)\s?(?:,"jsonrpc":"2\.0")?\}\s*$/.exec(tail)
  return found === null ? undefined : Number(found[1])
}

/** Always drained, because a full pipe would stop the child; passed on only as fast as somebody can read. */
function readStderr(stderr: Readable, { onStderr }: StdioOptions): void {
  const cap = createRateCap({ limit: STDERR_LINES_PER_SECOND })
  const pass = (text: string): void => {
    if (!cap.pass()) return
    const dropped = cap.takeDropped()
    if (dropped > 0) onStderr(`(${dropped} lines left out)`)
    if (text.trim() !== '') onStderr(text)
  }
  const splitter = createLineSplitter(STDERR_LINE_BYTES, { line: pass, overflow: (head) => pass(`${head}…`) })
  stderr.on('data', (chunk: Buffer) => splitter.push(chunk))
}

/** Let what the child wrote before it ended be read. */
async function lastWords(child: Child): Promise<void> {
  if (child.stdout.readableEnded || child.stdout.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, LAST_WORDS_MS)
  child.stdout.once('end', resolve)
  await promise
  clearTimeout(timer)
}

const describeExit = (code: number | null, signal: string | null): string =>
  signal === null ? `The server ended with exit code ${code}.` : `The server was ended by ${signal}.`
