import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { upgrade } from '@scalar/openapi-upgrader'
import { type Document, OpenAPIBackend } from 'openapi-backend'
import { parse } from 'yaml'

/** A server that knows an API by its document alone, with nothing of ours in it: it says of each request what is wrong with it. */
export interface MockApi {
  readonly url: string
  /** What the library says of requests, by the number that they carry in `x-request-number`; empty for a good one. */
  readonly verdicts: ReadonlyMap<string, readonly string[]>
  close(): Promise<void>
}

const LENIENT = { strict: false, allErrors: true, validateFormats: false } as const

/** Start it on a port of its own. It knows 3.1 alone, to which another library upgrades what is older. */
export async function startMockApi(text: string): Promise<MockApi> {
  const written = (text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { strict: false })) as Record<
    string,
    unknown
  >
  const definition = upgrade(written, '3.1') as Record<string, unknown>
  // Paths stand at the root of this server, wherever the API has them.
  const document = withNames({ ...definition, servers: [] }) as unknown as Document
  const judges = { json: await judgeBy(document, false), form: await judgeBy(document, true) }
  const verdicts = new Map<string, readonly string[]>()
  const server = createServer(async (request, response) => {
    try {
      const { body, isForm } = await bodyOf(request)
      const judge = isForm ? judges.form : judges.json
      verdicts.set(String(request.headers['x-request-number']), judge(request, body))
    } catch (thrown) {
      verdicts.set(String(request.headers['x-request-number']), [`The request could not be read: ${String(thrown)}`])
    }
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, verdicts, close }
}

/** The library knows operations by their id alone. */
function withNames(document: Record<string, unknown>): Record<string, unknown> {
  let count = 0
  for (const item of Object.values(document['paths'] as Record<string, Record<string, unknown>>)) {
    for (const operation of Object.values(item) as Record<string, unknown>[]) {
      if (!Array.isArray(operation) && typeof operation === 'object') operation['operationId'] = `operation_${count++}`
    }
  }
  return document
}

type Judge = (request: IncomingMessage, body: unknown) => string[]

/** Fields of forms are text, which the library has to take for numbers; values of JSON have to be what they are. */
async function judgeBy(definition: Document, coerces: boolean): Promise<Judge> {
  const ajvOpts = { ...LENIENT, ...(coerces ? { coerceTypes: 'array' as const } : {}) }
  const api = new OpenAPIBackend({
    definition: structuredClone(definition),
    quick: true,
    strict: false,
    coerceTypes: true,
    ajvOpts,
  })
  await api.init()
  return (request, body) => {
    const [path = '', query = ''] = request.url!.split('?')
    const asked = { method: request.method!, path, query, headers: request.headers as Record<string, string>, body }
    const operation = api.router.matchOperation(asked)
    if (!operation) return [`No operation answers ${request.method} ${path}.`]
    const { errors } = api.validator.validateRequest(asked, operation)
    return (errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ readonly body: unknown; readonly isForm: boolean }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const type = request.headers['content-type'] ?? ''
  const isForm = /form-data|urlencoded/.test(type)
  if (bytes.length === 0 && !isForm) return { body: undefined, isForm }
  if (!isForm) return { body: /json/.test(type) ? JSON.parse(bytes.toString()) : bytes.toString(), isForm }
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
  const fields = new Map<string, unknown>()
  for (const name of new Set(form.keys())) {
    const values = await Promise.all(form.getAll(name).map(fieldValue))
    fields.set(name, values.length === 1 ? values[0] : values)
  }
  return { body: Object.fromEntries(fields), isForm }
}

async function fieldValue(value: FormDataEntryValue): Promise<unknown> {
  const text = typeof value === 'string' ? value : await value.text()
  const isJson = typeof value === 'string' ? /^[{[]/.test(text) : value.type.includes('json')
  return isJson ? JSON.parse(text) : text
}
