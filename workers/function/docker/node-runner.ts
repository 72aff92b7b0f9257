/**
 * What runs a function in a container with Node.js, given to `node -e`. See `talk.ts` for what it says and hears.
 *
 * Nothing of it is trusted: it makes life easy for authors, and the container is what holds them.
 */
export const NODE_RUNNER = String.raw`
'use strict'
const { spawnSync } = require('node:child_process')
const { format } = require('node:util')
const { createRequire } = require('node:module')
const { parse, stringify } = JSON
const out = process.stdout
const write = out.write.bind(out)
const leave = process.exit.bind(process)
const say = (kind, value) => void write(kind + stringify(value) + '\n')
const finish = (line) => void write(line + '\n', () => leave(0))
const end = (kind, value) => finish(kind + stringify(value))
const fail = (reason, message) => end('X', { reason, message: String(message).slice(0, 4000) })

const logger = (level) => (...values) => say('L', [level, format(...values).slice(0, 16384)])
const levels = { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') }
globalThis.console = { ...console, log: levels.info, ...levels, trace: levels.debug }
out.write = (text) => (levels.info(String(text)), true)
globalThis.require = createRequire(process.cwd() + '/')

const asked = new Map()
const tools = {
  call: (name, args = {}) => new Promise((resolve, reject) => {
    const text = stringify(args)
    if (typeof name !== 'string' || text === undefined) throw new TypeError('tools.call takes the name of a tool and its arguments, an object')
    const id = asked.size + 1
    asked.set(id, { resolve, reject })
    say('C', { id, name, args: text })
  }),
}
const answered = ({ id, ok, text, code }) => {
  const { resolve, reject } = asked.get(id)
  if (ok) resolve(parse(text))
  else reject(Object.assign(new Error(text), { name: 'ToolError', code }))
}

const whereIn = (stack) => /data:text\/javascript;base64,[^:)\s]*:(\d+)(?::(\d+))?/.exec(String(stack)) ?? []
const told = (error) => {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : format(error)
  const [, line, column] = whereIn(error.stack)
  return error.message + (line ? ' (line ' + line + (column ? ', column ' + column : '') + ')' : '')
}

const problemOf = (source) => {
  const { status, stderr } = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], { input: source, encoding: 'utf8' })
  if (status === 0 || status === null) return undefined
  const [, line] = /^\[stdin\]:(\d+)/m.exec(stderr) ?? []
  const [, mark] = /^( *)\^/m.exec(stderr) ?? []
  const [, message] = /^SyntaxError: (.*)$/m.exec(stderr) ?? [, 'The source cannot be compiled.']
  return { line: line ? Number(line) : null, column: mark === undefined ? null : mark.length + 1, message }
}

const freeze = (nowMs) => {
  const Real = Date
  globalThis.Date = class Date extends Real {
    constructor(...args) { super(...(args.length === 0 ? [nowMs] : args)) }
    static now() { return nowMs }
  }
}
const seedDice = (seed) => {
  let state = seed >>> 0
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

// A SyntaxError may also be thrown by a function that compiles; the compiler itself says which it is, and where.
const load = async (source) => {
  try {
    return await import('data:text/javascript;base64,' + Buffer.from(source).toString('base64'))
  } catch (error) {
    const problem = error instanceof SyntaxError ? problemOf(source) : undefined
    if (!problem) throw error
    throw Object.assign(new Error(problem.message + (problem.line ? ' (line ' + problem.line + ')' : '')), { reason: 'compile' })
  }
}

const run = async ({ source, input, nowMs, seed }) => {
  if (nowMs !== null) freeze(nowMs)
  if (seed !== null) seedDice(seed)
  let output
  try {
    const { default: main } = await load(source)
    if (typeof main !== 'function') return fail('compile', 'The function has no default export that can be called.')
    output = await main(parse(input), { tools, log: Object.assign(logger('info'), levels) })
  } catch (error) {
    return fail(error?.reason === 'compile' ? 'compile' : 'thrown', told(error))
  }
  let text
  try {
    text = output === undefined ? 'null' : stringify(output)
  } catch (error) {
    return fail('json', 'The result is no JSON: ' + told(error))
  }
  if (text === undefined) return fail('json', 'The result is no JSON but a ' + typeof output + '.')
  finish('R' + text)
}

process.on('uncaughtException', (error) => fail('thrown', told(error)))
const begin = (envelope) => {
  if (envelope.mode !== 'check') return void run(envelope)
  const problem = problemOf(envelope.source)
  end('P', problem ? [problem] : [])
}

let started = false
let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop()
  for (const line of lines) {
    if (started) answered(parse(line))
    else { started = true; begin(parse(line)) }
  }
})
process.stdin.on('end', () => leave(1))
`
