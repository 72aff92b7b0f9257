import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../config/refusal.ts'

/** Two MCP servers to begin with, and how they end. */
export interface SampleUpstreams {
  /** The section `[upstream]` that puts them behind the gateway. */
  readonly section: { readonly servers: Readonly<Record<string, object>> }
  stop(): Promise<void>
}

/** Make a demo folder for the filesystem server, and start the everything server on a free port. */
export async function startSampleUpstreams(dataDir: string): Promise<SampleUpstreams> {
  const folder = demoFolder(dataDir)
  const port = await freePort()
  const child = startEverything(port)
  await reachable(child, port)
  return {
    section: {
      servers: {
        files: {
          transport: 'stdio',
          command: 'node',
          args: [programOf('@modelcontextprotocol/server-filesystem'), folder],
          shared: true,
        },
        everything: { transport: 'http', url: `http://127.0.0.1:${port}/mcp` },
      },
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const hurry = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(hurry)
    },
  }
}

function demoFolder(dataDir: string): string {
  const folder = join(dataDir, 'demo')
  mkdirSync(folder, { recursive: true })
  const note = join(folder, 'welcome.txt')
  if (!existsSync(note)) writeFileSync(note, 'This file was read through Gatehouse.\n')
  return folder
}

/** The sample server ends with this process, even when this process is killed: its standard input closes then. */
function startEverything(port: number): ChildProcess {
  const runner = fileURLToPath(new URL(`sample-server${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
  const program = programOf('@modelcontextprotocol/server-everything')
  return spawn(process.execPath, [runner, program, 'streamableHttp'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port) },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
}

/** The program that a package brings along. */
function programOf(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> }
  return join(dirname(manifest), typeof bin === 'string' ? bin : Object.values(bin)[0]!)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function reachable(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    if (child.exitCode !== null)
      throw new Refusal(`The sample server ended with code ${child.exitCode} before it listened. Run npm ci again.`)
    if (Date.now() > deadline)
      throw new Refusal('The sample server did not listen within 20 s. Is the machine very busy? Try again.')
    const answered = await fetch(`http://127.0.0.1:${port}/mcp`).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
