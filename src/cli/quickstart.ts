import { resolve } from 'node:path'
import type { QueueSettings } from '../../queue/queue.settings.ts'
import { writeBootKeys } from '../config/boot-keys.ts'
import { Refusal } from '../config/refusal.ts'
import type { Gatehouse } from '../core/gatehouse.ts'
import { createLogger } from '../core/logger.ts'
import type { AccessStore } from '../module/access/access.store.ts'
import { createSupervisor } from '../supervisor/supervisor.ts'
import { configure, type FrontConfig, type ListenFlags } from './configure.ts'
import { keepLog } from './keep-log.ts'
import { lockData } from './lock-data.ts'
import { mainProgram } from './main-program.ts'
import { open } from './open.ts'
import { type QuickstartCredentials, quickstartCredentials } from './quickstart-credentials.ts'
import { startSampleUpstreams } from './sample-upstreams.ts'
import { serve } from './serve.ts'
import { type StopReason, untilSignal } from './until-signal.ts'
import { workerSpecs } from './worker-spec.ts'

interface QuickstartFlags extends ListenFlags {
  readonly json?: boolean
}

/** How long the sample upstreams may take to offer their tools, in ms. */
const UPSTREAMS_MS = 30_000
const NEEDED = ['files__read_text_file', 'everything__echo']

/** `gatehouse quickstart`: everything that a newcomer needs to see a governed call, in one command. */
export async function quickstart(flags: QuickstartFlags): Promise<void> {
  const dataDir = resolve(flags.data ?? 'data/quickstart')
  const stopped = untilSignal()
  const samples = await startSampleUpstreams(dataDir)
  try {
    const config = configure({ ...flags, data: dataDir }, { upstream: samples.section })
    writeBootKeys(config.keysFile)
    await runQuickstart(config, { ...flags, data: dataDir }, stopped)
  } finally {
    await samples.stop()
  }
  process.exit(0)
}

/** The front runs in this process, so that it can be told what to show; its workers are supervised like any gateway's. */
async function runQuickstart(config: FrontConfig, flags: QuickstartFlags, stopped: Promise<StopReason>): Promise<void> {
  const json = flags.json === true
  const logger = createLogger(json ? config.logLevel : 'warn')
  const unlock = lockData(config.dataDir)
  const workers = createSupervisor({ program: mainProgram, children: [], log: logger.log, nowMs: Date.now })
  const gatehouse = await open(config, logger, () => workers.processes().slice(1))
  keepLog(gatehouse, logger)
  try {
    const credentials = await quickstartCredentials(gatehouse.store<AccessStore>('access'), config.dataDir)
    const serving = await serve(gatehouse, config.http, logger)
    for (const spec of workerSpecs((config.sections['queue'] as QueueSettings).workers, flags)) workers.add(spec)
    await offered(gatehouse, NEEDED)
    const story = await governedCalls(serving.url, credentials.token)
    process.stdout.write(json ? jsonLine(serving.url, credentials) : poster(serving.url, credentials, story))
    const gaveUp = workers.over.then(({ why }) => why)
    const why = await Promise.race([stopped.then(() => undefined), gaveUp])
    await serving.stop()
    if (why !== undefined) throw new Refusal(why)
  } finally {
    await gatehouse.stop()
    workers.stop()
    await workers.over
    unlock()
    await logger.flush()
  }
}

/** Wait until the catalog holds some tools. @throws Refusal when it takes too long */
async function offered(gatehouse: Gatehouse, names: readonly string[]): Promise<void> {
  await new Promise<void>((done, fail) => {
    const isComplete = (): boolean => names.every((name) => gatehouse.catalog.findTool(name))
    const end = (): void => {
      clearTimeout(timer)
      unsubscribe()
    }
    const look = (): void => {
      if (!isComplete()) return
      end()
      done()
    }
    const timer = setTimeout(() => {
      end()
      fail(
        new Refusal(`The sample upstreams did not offer their tools within ${UPSTREAMS_MS / 1_000} s. The log above says why.`),
      )
    }, UPSTREAMS_MS)
    const unsubscribe = gatehouse.catalog.onChange(look)
    look()
  })
}

interface Told {
  readonly asked: string
  readonly status: number
  readonly answer: string
}

/** One call that is allowed and one that is refused, over HTTP like any client's. */
async function governedCalls(url: string, token: string): Promise<readonly Told[]> {
  const call = async (asked: string, path: string, body?: object): Promise<Told> => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    return { asked, status: response.status, answer: summarise((await response.json()) as Record<string, unknown>) }
  }
  return [
    await call('everything__echo {"message":"hello"}', '/api/tools/everything/echo', { message: 'hello' }),
    await call('access_user_list {}', '/api/users'),
  ]
}

function summarise(answer: Readonly<Record<string, unknown>>): string {
  const [first] = (answer['content'] as { text?: string }[] | undefined) ?? []
  return first?.text ?? String(answer['detail'] ?? JSON.stringify(answer))
}

const jsonLine = (url: string, { token, admin }: QuickstartCredentials): string =>
  `${JSON.stringify({ url, mcp: `${url}/mcp`, rest: `${url}/api`, token, admin })}\n`

function poster(url: string, { token, admin }: QuickstartCredentials, story: readonly Told[]): string {
  const told = story.map(({ asked, status, answer }) => `  ${asked}\n    → ${status} ${answer}`).join('\n')
  return `
Gatehouse is up. The agent token made two calls through the door:

${told}

Console   ${url}/
  sign in as ${admin.name} with ${admin.password}
MCP       ${url}/mcp
REST      ${url}/api   (documentation: ${url}/api/docs)
Token     ${token}

  claude mcp add --transport http gatehouse ${url}/mcp --header "Authorization: Bearer ${token}"
  curl -H "Authorization: Bearer ${token}" ${url}/api/tools

Ctrl-C stops it.
`
}
