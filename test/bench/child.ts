import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Node process that the bench started. */
export interface Child {
  readonly pid: number
  /** Rejects when it ends before it was told to. */
  readonly ended: Promise<never>
  /** The first line on standard output or standard error that matches. @throws Error when it ends before */
  line(pattern: RegExp): Promise<RegExpMatchArray>
  /** TERM to it and all that it started, KILL after 5 s; safe to call twice. */
  stop(): Promise<void>
}

const KILL_AFTER_MS = 5_000
const running = new Set<Child>()

/** Start `node` with arguments, as the head of a process group so that nothing of it can stay behind. */
export function startChild(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  const output = watchOutput(child)
  let stopping = false
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`${args.join(' ')} ended with ${code ?? signal}${stopping ? '' : ` too early:\n${output.tail()}`}`)
  })
  ended.catch(() => {})
  const started: Child = {
    pid: child.pid ?? 0,
    ended,
    line: (pattern) => Promise.race([output.find(pattern), ended]),
    async stop() {
      stopping = true
      running.delete(started)
      await endGroup(child)
    },
  }
  running.add(started)
  return started
}

/** Run `node` with arguments and return what it printed. @throws Error with its error output when it fails or takes too long */
export async function runToEnd(
  args: readonly string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, env })
  let printed = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`node ${args.join(' ').slice(0, 300)} ended with ${code ?? signal}:\n${complaint.slice(-2000)}`)
  return printed
}

/** Stop whatever still runs. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()))
}

function watchOutput(child: ChildProcess) {
  let text = ''
  const waiting = new Set<() => void>()
  const take = (chunk: string) => {
    // Enough for a reason; a child that floods must not fill the bench.
    text = (text + chunk).slice(-64_000)
    for (const look of waiting) look()
  }
  child.stdout?.setEncoding('utf8').on('data', take)
  child.stderr?.setEncoding('utf8').on('data', take)
  return {
    tail: () => text.slice(-2_000),
    find: (pattern: RegExp) =>
      new Promise<RegExpMatchArray>((resolve) => {
        const look = () => {
          const match = pattern.exec(text)
          if (match === null) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
      }),
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), signal)
    } catch {
      // Nobody of the group is left.
    }
  }
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    const killing = setTimeout(signalGroup, KILL_AFTER_MS, 'SIGKILL')
    signalGroup('SIGTERM')
    await exit
    clearTimeout(killing)
  }
  signalGroup('SIGKILL')
}
