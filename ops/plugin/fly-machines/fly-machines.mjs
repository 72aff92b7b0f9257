/**
 * Runs functions on Fly.io Machines: one machine per run, made from the function's image, destroyed afterwards whatever happened.
 *
 * A plugin for Gatehouse (see asset/docs/function-backends.md); nothing but `fetch` is needed. The Machines API is documented at
 * https://fly.io/docs/machines/api/machines-resource/ and https://docs.machines.dev.
 */

const IMAGE = /^[^@\s]+@sha256:[0-9a-f]{64}$/
const MIB = 1_048_576
/** Fly gives memory in steps of this many MB. */
const MEMORY_STEP_MB = 256
/** A machine that nobody could destroy ends by itself this long after its run, in seconds, and is destroyed by Fly then. */
const SPARE_SECONDS = 60

/** Longest that the destruction of a machine may take, in ms. */
const DESTROY_MS = 10_000
/** What the runners end with where the function gave what is no JSON. */
const NO_JSON = 65

/** Starting a runner and reading its one line needs no file in the machine. Standard input is `{ source, input }`. */
const RUNNERS = {
  python: [
    'python3',
    '-c',
    `
import json, sys
given = json.load(sys.stdin)
out, sys.stdout = sys.stdout, sys.stderr
scope = {}
exec(compile(given['source'], 'function', 'exec'), scope)
output = scope['main'](given['input'])
try:
    text = json.dumps(output, allow_nan=False)
except (TypeError, ValueError):
    sys.exit(${NO_JSON})
out.write(text)
`,
  ],
  node: [
    'node',
    '-e',
    `
const chunks = []
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
  const { source, input } = JSON.parse(Buffer.concat(chunks).toString())
  console.log = console.info = console.debug = console.error
  const { default: main } = await import('data:text/javascript;base64,' + Buffer.from(source).toString('base64'))
  const output = await main(input)
  let text
  try {
    text = JSON.stringify(output === undefined ? null : output)
  } catch {}
  if (text === undefined) process.exit(${NO_JSON})
  process.stdout.write(text)
})
process.on('uncaughtException', (error) => {
  console.error(error?.message ?? String(error))
  process.exit(1)
})
`,
  ],
}

export const plugin = {
  apiVersion: '1.0',
  name: 'fly-machines',
  languages: ['python', 'node'],
  open(settings) {
    const fly = client(settings)
    return { run: (invocation, host) => run(fly, invocation, host) }
  },
}

/** @throws Error that says which setting is missing */
function client({ app, token: told, tokenEnv = 'FLY_API_TOKEN', region, apiUrl = 'https://api.machines.dev', ...unknown }) {
  const [odd] = Object.keys(unknown)
  if (odd) throw new Error(`there is no setting ${odd}; app, token, tokenEnv, region and apiUrl are known`)
  if (typeof app !== 'string' || !/^[a-z0-9-]+$/.test(app))
    throw new Error('app is missing: the name of the Fly app that machines are made in')
  const token = told ?? process.env[tokenEnv]
  if (!token)
    throw new Error(`the environment variable ${tokenEnv} is missing: a deploy token of the app (fly tokens create deploy)`)
  const request = async (method, path, body, signal) => {
    const response = await fetch(`${apiUrl}/v1/apps/${app}/machines${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Fly answered ${response.status} to ${method}: ${text.slice(0, 300)}`)
    return text === '' ? {} : JSON.parse(text)
  }
  return { request, region }
}

async function run(fly, invocation, host) {
  const { program, input } = invocation
  if (!IMAGE.test(program.image ?? ''))
    return failed('crash', 'A function that runs on Fly needs an image by digest: name@sha256:….')
  const source = await invocation.source()
  // Never given up half-way: a machine whose id was not heard could not be destroyed.
  const machine = await fly.request('POST', '', machineOf(fly, program))
  try {
    host.signal.throwIfAborted()
    await fly.request('GET', `/${machine.id}/wait?state=started&timeout=${seconds(host.deadline)}`, undefined, host.signal)
    const body = {
      command: RUNNERS[program.language],
      stdin: JSON.stringify({ source, input: JSON.parse(input) }),
      timeout: seconds(host.deadline),
    }
    return outcomeOf(await fly.request('POST', `/${machine.id}/exec`, body, host.signal), host)
  } finally {
    await destroy(fly, machine, host)
  }
}

/** That it failed changes nothing about the run: the machine ends by itself. */
async function destroy(fly, { id }, host) {
  try {
    await fly.request('DELETE', `/${id}?force=true`, undefined, AbortSignal.timeout(DESTROY_MS))
  } catch (error) {
    host.log('error', `The machine ${id} could not be destroyed now: ${error.message}`)
  }
}

const seconds = (deadline) => Math.max(1, Math.ceil((deadline - Date.now()) / 1_000))

/** The machine itself does nothing but wait; were it forgotten, it would end by itself, and Fly removes what ended. */
const machineOf = ({ region }, { image, hash, limits }) => ({
  ...(region && { region }),
  config: {
    image,
    init: { exec: ['sleep', String(Math.ceil(limits.timeoutMs / 1_000) + SPARE_SECONDS)] },
    guest: {
      cpu_kind: 'shared',
      cpus: 1,
      memory_mb: Math.max(1, Math.ceil(limits.memoryBytes / MIB / MEMORY_STEP_MB)) * MEMORY_STEP_MB,
    },
    auto_destroy: true,
    restart: { policy: 'no' },
    metadata: { gatehouse_program: hash },
  },
})

function outcomeOf({ exit_code: code = 0, stdout = '', stderr = '' }, { log }) {
  const lines = stderr.split('\n').filter((line) => line !== '')
  for (const line of lines) log('info', line)
  if (code === 0) return { ok: true, output: stdout }
  if (code === NO_JSON) return failed('json', 'The result is no JSON.')
  if (code === 137) return failed('memory', 'The function needs more memory than it may have.')
  return failed('thrown', lines.at(-1) ?? `The function ended with exit code ${code}.`)
}

const failed = (reason, message) => ({ ok: false, reason, message })
