import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf } from '../cli/processes.ts'
import { type Running, runGatehouse, startGatehouse } from '../cli/running.ts'

const ENV = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }

/** A lease that a lost worker leaves behind is over so soon, in ms. */
export const LEASE_MS = 3_000
/** How long a gateway may take to be there again, in ms. */
const BACK_MS = 30_000

/** What can be killed. */
export const VICTIMS = ['front', 'worker', 'supervisor'] as const

export type Victim = (typeof VICTIMS)[number]

/** The functions of the suite: a run of `once` is never repeated, one of `again` is where its worker died. */
export const FUNCTIONS = ['once', 'again'] as const

const NEWLINE = 10

const SOURCE = `export default async ({ key, afterMs }, { tools }) => {
  await tools.call('counter__count', { key, afterMs })
  return { key }
}`

/** A gateway that is killed and comes back, always on one folder and one port. */
export interface CrashGateway {
  /** JSON over REST; undefined where no answer came, because the gateway is down. */
  ask(path: string, body?: object): Promise<{ readonly status: number; readonly body: any } | undefined>
  start(): Promise<void>
  kill(victim: Victim): Promise<void>
  /** TERM. @throws Error for another exit code than 0 */
  stop(): Promise<void>
  /** Whatever it takes, for the end of the suite. */
  end(): Promise<void>
  /** How often each key was written down by the tool. */
  counts(): ReadonlyMap<string, number>
  /** How often the tool ran. */
  runs(): number
}

/** Make folder, token and functions, and leave the gateway running. */
export async function openCrashGateway(folder: string): Promise<CrashGateway> {
  const counted = join(folder, 'counted')
  const port = await freePort()
  mkdirSync(folder, { recursive: true })
  writeFileSync(counted, '')
  writeFileSync(join(folder, 'gatehouse.toml'), configOf(port, counted))
  await runGatehouse(['init'], { cwd: folder, env: ENV })
  const token = (await runGatehouse(['token', 'create', '--user', 'admin'], { cwd: folder, env: ENV })).stdout.trim()
  const url = `http://127.0.0.1:${port}`
  let running: Running | undefined

  const ask: CrashGateway['ask'] = async (path, body) => {
    try {
      const response = await fetch(`${url}/api${path}`, {
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(BACK_MS),
      })
      return { status: response.status, body: await response.json() }
    } catch {
      return undefined
    }
  }
  const gateway: CrashGateway = {
    ask,
    async start() {
      running = await startGatehouse([], folder, ENV)
    },
    async kill(victim) {
      const { pid, frontPid } = running!
      if (victim === 'supervisor') return running!.kill()
      const target = victim === 'front' ? frontPid() : childrenOf(pid).findLast((child) => child !== frontPid())
      if (target === undefined) throw new Error(`There was no ${victim} to kill.`)
      process.kill(target, 'SIGKILL')
    },
    async stop() {
      const code = await running!.stop()
      if (code !== 0) throw new Error(`The gateway ended with code ${code}:\n${running!.stderr().slice(-2_000)}`)
    },
    async end() {
      await running?.stop()
    },
    runs: () => readFileSync(counted).reduce((lines, byte) => lines + Number(byte === NEWLINE), 0),
    counts: () => countLines(readFileSync(counted, 'utf8')),
  }
  await gateway.start()
  await makeFunctions(gateway)
  return gateway
}

/** Two workers, so that one can die while another goes on. */
const configOf = (port: number, counted: string): string => `[http]
port = ${port}
[upstream]
autoEnable = ["*"]
[upstream.servers.counter]
command = "node"
args = [${JSON.stringify(join(import.meta.dirname, 'counter-server.mjs'))}, ${JSON.stringify(counted)}]
shared = true
[queue]
workers = 2
[queue.lanes.function]
leaseMs = ${LEASE_MS}
retryBaseMs = 100
perToken = 8
`

async function makeFunctions(gateway: CrashGateway): Promise<void> {
  const must = async (path: string, body: object): Promise<void> => {
    await untilTrue(`POST ${path}`, async () => {
      const answer = await gateway.ask(path, body)
      // The worker may be a moment behind the front, and publishing compiles in it.
      if (answer?.body.code === 'unavailable') return false
      if (answer === undefined || answer.status >= 400) throw new Error(`POST ${path} gave ${JSON.stringify(answer)}`)
      return true
    })
  }
  for (const name of FUNCTIONS) {
    const keys = ['tool:counter__count']
    await must('/functions', { name, source: SOURCE, idempotent: name === 'again', keys, inputSchema: { type: 'object' } })
    await must(`/functions/${name}/versions`, {})
  }
  await untilTrue('the upstream counter', async () => (await gateway.ask('/upstreams/counter'))?.body.state === 'connected')
}

/** Ask until it is so. @throws Error naming what did not come in time */
export async function untilTrue(what: string, look: () => Promise<boolean>, timeoutMs = BACK_MS): Promise<number> {
  const beganAt = performance.now()
  while (!(await look())) {
    if (performance.now() - beganAt > timeoutMs) throw new Error(`${what}: not so after ${timeoutMs / 1_000} s`)
    await delay(5)
  }
  return performance.now() - beganAt
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of text.split('\n').filter(Boolean)) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}
