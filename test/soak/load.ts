/** Where the load goes and with what. */
export interface Target {
  readonly url: string
  readonly token: string
}

/** What was done, and what went wrong. */
export interface Tally {
  readonly done: Record<string, number>
  readonly wrong: string[]
}

/** One kind of user. Resolves when one round of theirs is over. @throws Error when an answer is not what it must be */
type User = (target: Target, round: number) => Promise<void>

/** Enough of what went wrong for a reason. */
const MAX_WRONG = 20

/** Everybody who uses the gateway during a soak, and how many of each. */
const USERS: Readonly<Record<string, { readonly count: number; readonly act: User }>> = {
  'MCP session with three calls': { count: 4, act: mcpSession },
  'REST call of an upstream': { count: 2, act: restCall },
  'function call': { count: 4, act: functionCall },
  'function that calls a tool': { count: 1, act: nestedCall },
  'function that fails': { count: 1, act: failingCall },
  'submitted job, waited for': { count: 2, act: submittedJob },
  'refused call': { count: 1, act: refusedCall },
  'look at lanes, monitor and metrics': { count: 1, act: operatorLooks },
}

/** How long each user rests between rounds, in ms: the gateway is to be busy, not saturated. */
const REST_MS = 20

/** Let everybody act until the signal. */
export async function applyLoad(target: Target, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { done: {}, wrong: [] }
  const everybody = Object.entries(USERS).flatMap(([name, { count, act }]) =>
    Array.from({ length: count }, (_, index) => keepActing(target, name, act, index, tally, signal)),
  )
  await Promise.all(everybody)
  return tally
}

async function keepActing(
  target: Target,
  name: string,
  act: User,
  index: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  for (let round = index; !signal.aborted; round += 100) {
    try {
      await act(target, round)
      tally.done[name] = (tally.done[name] ?? 0) + 1
    } catch (thrown) {
      if (tally.wrong.length < MAX_WRONG) tally.wrong.push(`${name}: ${String(thrown)}`)
      else return
    }
    await new Promise((rested) => setTimeout(rested, REST_MS))
  }
}

async function ask({ url, token }: Target, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
}

async function answer(target: Target, path: string, body: object | undefined, status = 200): Promise<any> {
  const response = await ask(target, path, body)
  const text = await response.text()
  if (response.status !== status) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

function expect(what: string, got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted))
    throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`)
}

async function mcpSession(target: Target): Promise<void> {
  const post = (body: object, session?: string) =>
    ask(target, '/mcp', body, {
      accept: 'application/json, text/event-stream',
      ...(session && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
    })
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } }
  const opened = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  await opened.text()
  const session = opened.headers.get('mcp-session-id') ?? ''
  await (await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)).text()
  for (let id = 2; id < 5; id += 1) {
    const called = { name: 'everything__echo', arguments: { message: `m${id}` } }
    const text = await (await post({ jsonrpc: '2.0', id, method: 'tools/call', params: called }, session)).text()
    if (!text.includes(`Echo: m${id}`)) throw new Error(`echo answered ${text.slice(0, 200)}`)
  }
  const closed = await fetch(`${target.url}/mcp`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${target.token}`, 'mcp-session-id': session },
  })
  expect('DELETE', closed.status, 204)
  await closed.text()
}

async function restCall(target: Target): Promise<void> {
  const { content } = await answer(target, '/api/tools/everything/echo', { message: 'hello' })
  expect('echo', content[0].text, 'Echo: hello')
}

async function functionCall(target: Target, round: number): Promise<void> {
  const { structuredContent } = await answer(target, '/api/tools/fn/total', { numbers: [round, 1, 2] })
  expect('fn__total', structuredContent, { total: round + 3 })
}

async function nestedCall(target: Target): Promise<void> {
  const { structuredContent } = await answer(target, '/api/tools/fn/relay', { numbers: [1, 2] })
  expect('fn__relay', structuredContent, { total: 3 })
}

async function failingCall(target: Target): Promise<void> {
  const { isError } = await answer(target, '/api/tools/fn/broken', {})
  expect('fn__broken', isError, true)
}

async function submittedJob(target: Target, round: number): Promise<void> {
  const key = `soak-${process.pid}-${round}`
  const { jobId } = await answer(target, '/api/functions/total/jobs', { input: { numbers: [round] }, key })
  const again = await answer(target, '/api/functions/total/jobs', { input: { numbers: [round] }, key })
  expect('the same key', again, { jobId, isNew: false })
  for (;;) {
    const { state, output } = await answer(target, `/api/function-jobs/${jobId}`, undefined)
    if (state === 'ok') return expect('the job', output, { total: round })
    if (state !== 'waiting') throw new Error(`job ${jobId} is ${state}`)
    await new Promise((looked) => setTimeout(looked, 50))
  }
}

async function refusedCall(target: Target): Promise<void> {
  await answer(target, '/api/tools/everything/echo', { message: 1 }, 400)
}

async function operatorLooks(target: Target): Promise<void> {
  await answer(target, '/api/queue/lanes', undefined)
  await answer(target, '/api/monitor', undefined)
  const scraped = await ask(target, '/metrics')
  if (!(await scraped.text()).includes('gatehouse_')) throw new Error('/metrics holds no metric')
}
