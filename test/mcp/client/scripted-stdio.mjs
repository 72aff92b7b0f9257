// An MCP server on stdio of one or both eras. Its flags:
//   --stateless      answers server/discover            --session     answers initialize
//   --exit-on-probe  ends when it is asked anything before initialize
//   --mute-probe     says nothing to server/discover    --log=FILE    adds a line per start and per message to a file
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const flags = new Map(process.argv.slice(2).map((flag) => flag.split(/=(.*)/s)))
const log = (line) => flags.has('--log') && appendFileSync(flags.get('--log'), `${line}\n`)
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const text = (value) => ({ resultType: 'complete', content: [{ type: 'text', text: value }] })
const waiting = new Map()
let lastAsk = 0

const ask = (method, params) => {
  const id = `ask-${++lastAsk}`
  write({ id, method, params })
  return new Promise((resolve) => waiting.set(id, resolve))
}
const calls = {
  meta: (id, params) => write({ id, result: text(JSON.stringify(params._meta)) }),
  never() {},
  async asks(id) {
    const answer = await ask('elicitation/create', { message: 'Who?' })
    write({ id, result: text(JSON.stringify(answer.result ?? answer.error)) })
  },
  async takes_back(id) {
    ask('elicitation/create', { message: 'Who?' })
    write({ method: 'notifications/cancelled', params: { requestId: `ask-${lastAsk}` } })
    write({ id, result: text('never mind') })
  },
  floods(id) {
    let refused = 0
    const answers = Array.from({ length: 150 }, () => ask('elicitation/create', { message: 'Who?' }))
    for (const answer of answers) {
      answer.then(({ error }) => {
        refused += error?.code === -32603 ? 1 : 0
        if (refused === 50) write({ id, result: text('refused 50') })
      })
    }
  },
}
const methods = {
  'server/discover'(id) {
    if (flags.has('--mute-probe')) return
    const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'scripted', version: '1' } }
    const result = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta }
    if (flags.has('--stateless')) write({ id, result })
    else write({ id, error: { code: -32601, message: 'unknown' } })
  },
  initialize(id, params) {
    const result = { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'scripted' } }
    if (flags.has('--session')) write({ id, result })
    else write({ id, error: { code: -32022, message: 'No.', data: { supported: ['2026-07-28'] } } })
  },
  'tools/call': (id, params) => calls[params.name]?.(id, params),
  'subscriptions/listen'(id, { notifications }) {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id }
    write({ method: 'notifications/subscriptions/acknowledged', params: { _meta, notifications } })
    write({ method: 'notifications/tools/list_changed', params: { _meta } })
    if (notifications.short) write({ method: 'notifications/cancelled', params: { requestId: id } })
  },
}

log('start')
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, ...answer } = JSON.parse(line)
  log(method ?? 'answer')
  if (flags.has('--exit-on-probe') && method === 'server/discover') process.exit(1)
  if (method !== undefined) methods[method]?.(id, params)
  else {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  }
})
