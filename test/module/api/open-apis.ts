import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, vi } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import type { ApiStore } from '../../../src/module/api/api.store.ts'
import { LOOPBACK, startTestWorker } from '../../fixture/worker.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'

/** What the server of a test heard. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server of a test. */
export interface Server {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly heard: Heard[]
}

/** A house, and short ways to its APIs. */
export interface Apis {
  readonly house: TestHouse
  readonly store: ApiStore
  /** Call an operation as the system. */
  call(name: string, input?: object): Promise<any>
  /** The fault that it ends in. */
  refused(name: string, input?: object): Promise<Fault>
}

/** Serve on a free port of loopback until the test ends. */
export async function openServer(answer: (heard: Heard, reply: ServerResponse) => void): Promise<Server> {
  const heard: Heard[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const one = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    heard.push(one)
    answer(one, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

/** Answer with JSON. */
export function json(reply: ServerResponse, value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

/** Open a house that reaches loopback. `working`: with a worker, and stores on disk. */
export async function openApis({
  working = true,
  ...options
}: Parameters<typeof openTestHouse>[0] & { working?: boolean } = {}): Promise<Apis> {
  const { settings = {}, ...rest } = options
  const house = await openTestHouse({ onDisk: working, settings: { egress: LOOPBACK, ...settings }, ...rest })
  if (working) {
    startTestWorker(house)
    await vi.waitFor(() => expect(house.gatehouse.queue.workers()).toHaveLength(1), 10_000)
  }
  const call = async (name: string, input: object = {}): Promise<any> => {
    const entry = { transport: 'system', requestId: 'test', sessionKey: 'test', signal: new AbortController().signal } as const
    const answer = await house.gatehouse.door.enter(systemCaller, name, input, entry)
    return answer.kind === 'data' ? answer.data : answer.result
  }
  return {
    house,
    store: house.gatehouse.store<ApiStore>('api'),
    call,
    refused: (name, input) =>
      call(name, input).then(
        () => expect.fail('It should have been refused.'),
        (thrown) => thrown as Fault,
      ),
  }
}

/** A small document: pets that can be listed, found, added, drawn and taken away. */
export const petsDocument = (serverUrl: string, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Pets', version: '1.0' },
    servers: [{ url: serverUrl }],
    paths: {
      '/pets': {
        get: {
          operationId: 'listPets',
          summary: 'List the pets.',
          tags: ['pets'],
          parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: PETS } } } },
        },
        post: {
          operationId: 'addPet',
          tags: ['pets'],
          requestBody: { required: true, content: { 'application/json': { schema: PET } } },
          responses: { 201: { description: 'made', content: { 'application/json': { schema: PET } } } },
        },
      },
      '/pets/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: {
          operationId: 'getPet',
          tags: ['pets'],
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: PET } } } },
        },
        delete: { operationId: 'removePet', tags: ['admin'], responses: { 204: { description: 'gone' } } },
      },
      '/pets/{id}/picture': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { operationId: 'drawPet', responses: { 200: { description: 'ok', content: { 'image/png': {} } } } },
      },
      ...more,
    },
  })

const PET = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
const PETS = { type: 'object', properties: { pets: { type: 'array', items: PET } } }
