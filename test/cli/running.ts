import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

/** A gateway in a process of its own, as `npm test` built it. */
export interface Running {
  readonly url: string
  readonly pid: number
  stdout(): string
  stderr(): string
  /** TERM, and wait for the end. @returns the exit code */
  stop(): Promise<number | null>
  /** KILL, and wait for the end. */
  kill(): Promise<void>
}

/** Run `gatehouse start` until its log says that it is ready. */
export async function startGatehouse(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, [resolve('dist/src/main.js'), 'start', ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const exited = once(child, 'exit')
  child.stdout.on('data', (chunk) => (stdout += chunk))
  const url = await new Promise<string>((ready, failed) => {
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      const found = /"url":"([^"]+)".*"event":"gatehouse\.ready"/.exec(stderr)
      if (found) ready(found[1]!)
    })
    child.once('exit', (code) => failed(new Error(`gatehouse ended with code ${code}: ${stderr}`)))
  })
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    url,
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}
