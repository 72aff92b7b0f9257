/**
 * What stands in every VM before the author's code: `console`, `Math.random`, and the one entry for the host, which nothing inside can reach.
 *
 * It takes the built-ins it needs before anybody can change them. What the author's code breaks it breaks for its own run only; the host
 * believes nothing that comes out of here.
 */
export const PRELUDE = `(function (hostLog, hostAsk, hostRandom, hostSettle, hostRelax) {
  'use strict'
  const { parse, stringify } = JSON
  const { apply } = Reflect
  const { assign } = Object
  const text = String
  const fail = Error
  const later = Promise
  const follow = Promise.prototype.then
  const pending = { __proto__: null }
  let asked = 0
  let main

  const show = (value) => {
    if (typeof value === 'string') return value
    try {
      if (value === null || typeof value !== 'object' || value instanceof fail) return text(value)
      const json = stringify(value)
      return json === undefined ? text(value) : json
    } catch {
      return '(something that cannot be shown)'
    }
  }

  const logger = (level) => (...values) => {
    let line = ''
    for (let index = 0; index < values.length; index += 1) line += (index === 0 ? '' : ' ') + show(values[index])
    hostLog(level, line)
  }
  const levels = { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') }
  const newLog = () => assign(logger('info'), levels)
  globalThis.console = { log: levels.info, ...levels, trace: levels.debug }

  Object.defineProperty(Math, 'random', { value: function random() { return hostRandom() }, writable: true, configurable: true })

  const call = (name, args) => new later((resolve, reject) => {
    const json = stringify(args === undefined ? {} : args)
    if (typeof name !== 'string' || json === undefined) throw new TypeError('tools.call takes the name of a tool and its arguments, an object')
    const id = text(++asked)
    // Where it was asked: when the answer comes, nobody stands there any more.
    pending[id] = { resolve, reject, stack: new fail('').stack }
    hostAsk(id, name, json)
  })

  const answer = (id, verdict, body, code) => {
    const { resolve, reject, stack } = pending[id]
    delete pending[id]
    if (verdict === 'ok') {
      resolve(parse(body))
    } else {
      const error = new fail(body)
      error.name = 'ToolError'
      error.code = code
      error.stack = stack
      reject(error)
    }
  }

  const giveUp = (kind, error) => {
    hostRelax()
    let name = ''
    let message = ''
    let stack = ''
    try {
      if (error !== null && typeof error === 'object') {
        name = error instanceof fail ? text(error.name) : ''
        message = name === '' ? show(error) : text(error.message)
        stack = name === '' ? '' : text(error.stack)
      } else {
        message = show(error)
      }
    } catch {
      message = '(something that cannot be shown)'
    }
    hostSettle(kind, message, name, stack)
  }

  const load = (module) => apply(follow, module, [
    (namespace) => {
      main = namespace.default
      hostSettle(typeof main === 'function' ? 'loaded' : 'headless', '', '', '')
    },
    (error) => giveUp('failed', error),
  ])

  const start = async (input) => {
    let output
    try {
      output = await main(parse(input), { tools: { call }, log: newLog() })
    } catch (error) {
      return giveUp('failed', error)
    }
    let json
    try {
      json = output === undefined ? 'null' : stringify(output)
    } catch (error) {
      return giveUp('unwritable', error)
    }
    if (typeof json !== 'string') return giveUp('unwritable', typeof output)
    hostSettle('done', json, '', '')
  }

  return (step, a, b, c, d) => {
    if (step === 'load') load(a)
    else if (step === 'start') start(a)
    else answer(a, b, c, d)
  }
})`
