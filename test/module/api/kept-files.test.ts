import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../../src/contract/fault.ts'
import { keptFile } from '../../../src/module/api/kept-file.ts'
import { resultSettings } from '../../../src/module/result/result.settings.ts'
import { systemCaller } from '../../system-caller.ts'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

const LIMITS = resultSettings.parse({ softLimitBytes: 100_000, binaryLimitBytes: 20_000, hardLimitBytes: 4_000_000 })
/** More than one page of a kept result, with every byte in it. */
const PICTURE = Buffer.from(Array.from({ length: 700_000 }, (_, index) => index % 256))
const FILE = { type: 'string', format: 'binary' }

/** Pets whose pictures are too large for a caller, and a place to send pictures to. */
async function openGallery(working = true) {
  const sent: { readonly names: string[]; readonly files: { type: string; bytes: Buffer }[] }[] = []
  const server = await openServer(({ url }, reply) => {
    if (url === '/pets') json(reply, { pets: [{ name: 'x'.repeat(200_000) }] })
    else reply.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE)
  })
  const gallery = await openForms(sent)
  const apis = await openApis({ working, settings: { result: LIMITS } })
  const schema = {
    type: 'object',
    properties: { picture: FILE, more: { type: 'array', items: FILE }, title: { type: 'string' } },
  }
  const hang = { operationId: 'hang', requestBody: { content: { 'multipart/form-data': { schema } } }, responses: { 204: {} } }
  await apis.call('api_register', { alias: 'zoo', document: petsDocument(server.url) })
  const document = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Gallery', version: '1' },
    servers: [{ url: gallery }],
    paths: { '/pictures': { post: hang } },
  })
  await apis.call('api_register', { alias: 'gallery', document })
  const post = (path: string, token: string, input: object): Promise<Response> =>
    apis.house.fetch(`/api/tools/${path}`, token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
  const refOf = async (path: string, token: string, input: object): Promise<string> =>
    ((await (await post(path, token, input)).json()) as { _meta: { resultRef: string } })._meta.resultRef
  return { ...apis, sent, post, refOf }
}

async function openForms(sent: { names: string[]; files: { type: string; bytes: Buffer }[] }[]): Promise<string> {
  const server = createServer(async (request, reply) => {
    const body = Buffer.concat(await request.toArray())
    const form = await new Response(body, { headers: { 'content-type': request.headers['content-type']! } }).formData()
    const files = [...form.values()].filter((value) => typeof value !== 'string')
    const read = files.map(async (file) => ({ type: file.type, bytes: Buffer.from(await file.arrayBuffer()) }))
    sent.push({ names: files.map(({ name }) => name), files: await Promise.all(read) })
    reply.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

test('a file may be a result that is kept for its caller, whatever its size', async () => {
  const { house, sent, post, refOf } = await openGallery()
  const token = await house.token('tool:zoo__*', 'tool:gallery__*', 'result.read')
  const picture = await refOf('zoo/drawPet', token, { id: '7' })
  const list = await refOf('zoo/listPets', token, {})

  const body = { picture: { ref: picture, name: 'pet.png' }, more: [{ ref: list, mimeType: 'text/x-pets' }, { base64: 'YQ==' }] }
  const reply = await post('gallery/hang', token, { body })

  expect([reply.status, await reply.json()]).toMatchObject([200, { isError: false }])
  expect(sent[0]!.names).toEqual(['pet.png', 'more', 'more'])
  expect(sent[0]!.files.map(({ type }) => type)).toEqual(['image/png', 'text/x-pets', 'application/octet-stream'])
  expect(sent[0]!.files[0]!.bytes.equals(PICTURE)).toBe(true)
  expect(JSON.parse(sent[0]!.files[1]!.bytes.toString())).toEqual({ pets: [{ name: 'x'.repeat(200_000) }] })
})

test('a kept result is sent only for whom it is kept, and who may read it', async () => {
  const { house, sent, post, refOf } = await openGallery()
  const keeper = await house.token('tool:zoo__*', 'tool:gallery__*', 'result.read')
  const ref = await refOf('zoo/drawPet', keeper, { id: '7' })
  const args = { body: { picture: { ref } } }
  const entry = { transport: 'system', requestId: 'test', sessionKey: 'test', signal: AbortSignal.timeout(10_000) } as const

  const byOther = house.gatehouse.door.enter({ ...systemCaller, id: 'user:2' }, 'gallery__hang', args, entry)
  await expect(byOther).rejects.toMatchObject({ code: 'not_found' })
  const withoutRight = await post('gallery/hang', await house.token('tool:gallery__*'), args)
  expect(withoutRight.status).toBe(403)
  expect(sent).toEqual([])
})

test('a file is given in one way', async () => {
  const { sent, refused } = await openGallery(false)
  const pictures = [{}, { name: 'a.png' }, { ref: 'AAAAAAAAAAAAAAAAAAAAAA', base64: 'YQ==' }]

  const faults = await Promise.all(pictures.map((picture) => refused('gallery__hang', { body: { picture } })))

  expect(faults.map(({ code, details }) => [code, details[0]?.path])).toEqual(pictures.map(() => ['invalid', '/body/picture']))
  expect(sent).toEqual([])
})

test('a result is the file in it, its structured content, or its texts', () => {
  const of = (result: object) => {
    const { mimeType, bytes } = keptFile('application/json', JSON.stringify(result), '/body/file')
    return [mimeType, bytes.toString()]
  }
  const text = { type: 'text', text: 'words' }
  const blob = { type: 'resource', resource: { uri: 'a:b', mimeType: 'application/pdf', blob: 'UERG' } }

  expect(of({ content: [text, { type: 'image', data: 'UE5H', mimeType: 'image/png' }] })).toEqual(['image/png', 'PNG'])
  expect(of({ content: [blob], structuredContent: { a: 1 } })).toEqual(['application/pdf', 'PDF'])
  expect(of({ content: [text], structuredContent: { a: 1 } })).toEqual(['application/json', '{"a":1}'])
  expect(of({ content: [text, text] })).toEqual(['text/plain', 'words\nwords'])
  expect(() => of({ content: [blob, blob] })).toThrow(Fault)
})
