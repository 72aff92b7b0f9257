import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from './install.ts'
import type { Request } from './offer.ts'

type Message = Readonly<Record<string, unknown>>

/** A client of the session era that sees every byte of a server over stdio. */
export interface StdioClient {
  /** The result of `initialize`. */
  readonly introduction: Message
  readonly request: Request
  stop(): Promise<void>
}

/** What the gateway's own connection declares as well, because servers offer more to clients that can do more. */
const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }

/** Longer than any server needs to start. */
const ANSWER_MS = 60_000

/** Start a server and introduce ourselves. What it asks is answered with -32601. */
export async function openStdio({ command, args, env }: Command): Promise<StdioClient> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  })
  const request = requester(child)
  const hello = { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, clientInfo: { name: 'matrix', version: '1' } }
  const introduction = await request('initialize', hello)
  write(child, { method: 'notifications/initialized' })
  return { introduction, request, stop: () => stop(child) }
}

function requester(child: ChildProcess): Request {
  const waiting = new Map<unknown, (message: Message) => void>()
  let lastId = 0
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const message = messageIn(line)
    if (message === undefined) return
    if (message['method'] === undefined) waiting.get(message['id'])?.(message)
    else if (message['id'] !== undefined) write(child, { id: message['id'], error: { code: -32_601, message: 'Not here' } })
  })
  return async (method, params) => {
    const id = ++lastId
    const answered = new Promise<Message>((resolve, reject) => {
      waiting.set(id, resolve)
      const late = setTimeout(() => reject(new Error(`${method} was not answered in ${ANSWER_MS} ms`)), ANSWER_MS)
      late.unref()
      child.once('exit', () => reject(new Error(`The server ended before it answered ${method}`)))
    })
    write(child, { id, method, ...(params && { params }) })
    const { result, error } = await answered.finally(() => waiting.delete(id))
    if (error !== undefined) throw new Error(JSON.stringify(error))
    return result as Message
  }
}

/** Some servers write other things as well. */
function messageIn(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

const write = (child: ChildProcess, message: object): void =>
  void child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
