import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A gateway in a process of its own, as `npm test` built it. */
export interface Running {
  readonly url: string
  readonly pid: number
  /** The process that listens, as it said last when it was ready; another one after a restart. */
  frontPid(): number
  stdout(): string
  stderr(): string
  /** TERM, and wait for the end. @returns the exit code */
  stop(): Promise<number | null>
  /** KILL, and wait for the end. */
  kill(): Promise<void>
}

/** What one command did. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const MAIN = resolve('dist/src/main.js')

/** What a process of ours gets of our environment. */
const ground = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] })

/** Run one command to its end. */
export function runGatehouse(
  args: readonly string[],
  { cwd, env, input = '' }: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly input?: string },
): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [MAIN, ...args], { cwd, env: { ...ground(), ...env } }, (error, stdout, stderr) =>
      done({ code: (error?.code as number | undefined) ?? 0, stdout, stderr }),
    )
    child.stdin!.end(input)
  })
}

/** Run `gatehouse start`, front and workers, until its log says that it is ready. */
export const startGatehouse = (args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Running> =>
  launch([process.execPath, MAIN, 'start', ...args], cwd, env, readyUrl)

/** Run `gatehouse front`, without supervisor and workers, until its log says that it is ready. */
export const startFront = (args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Running> =>
  launch([process.execPath, MAIN, 'front', ...args], cwd, env, readyUrl)

const readyUrl = ({ stderr }: { readonly stderr: string }): string | undefined =>
  /"url":"([^"]+)".*"event":"gatehouse\.ready"/.exec(stderr)?.[1]

/** Run what `npm run quickstart -- --json` runs once it has built, until it has printed its line. */
export function startQuickstart(args: readonly string[]): Promise<Running> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { quickstart: string } }
  const script = [scripts.quickstart.replace('npm run --silent build', 'true'), '--json', ...args].join(' ')
  return launch(['sh', '-c', script], process.cwd(), {}, ({ stdout }) => /^\{"url":"([^"]+)".*\n/.exec(stdout)?.[1])
}

async function launch(
  [program, ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  urlIn: (said: { stdout: string; stderr: string }) => string | undefined,
): Promise<Running> {
  const child = spawn(program!, args, {
    cwd,
    env: { ...ground(), PATH: `${resolve('node_modules/.bin')}:${process.env['PATH']}`, HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const exited = once(child, 'exit')
  const url = await new Promise<string>((ready, failed) => {
    const look = (): void => {
      const found = urlIn({ stdout, stderr })
      if (found !== undefined) ready(found)
    }
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      look()
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      look()
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
    frontPid: () => Number([...stderr.matchAll(/"pid":(\d+),"event":"gatehouse\.ready"/g)].at(-1)![1]),
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}
