import { expect, test } from 'vitest'
import type { BodyPlan, FieldPlan, OperationPlan, ParameterPlan } from '../../../queue/api.lane.ts'
import { Fault } from '../../../src/contract/fault.ts'
import { buildRequest } from '../../../workers/api/build-request.ts'

const BLUE = ['blue', 'black', 'brown']
const RGB = { R: 100, G: 200, B: 150 }

const parameter = (more: Partial<ParameterPlan>): ParameterPlan => ({
  argument: 'color',
  name: 'color',
  in: 'query',
  style: 'form',
  explode: false,
  allowReserved: false,
  ...more,
})

const operation = (more: Partial<OperationPlan>): OperationPlan => ({
  method: 'POST',
  serverUrl: 'https://api.example.com/v1',
  path: '/it',
  parameters: [],
  body: null,
  accept: [],
  ...more,
})

const built = (more: Partial<ParameterPlan>, color: unknown, path = '/it') =>
  buildRequest(operation({ path, parameters: [parameter(more)] }), { color })

const target = (more: Partial<ParameterPlan>, color: unknown, path?: string): string =>
  built(more, color, path).url.slice('https://api.example.com/v1'.length)

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
  return 'ok'
}

// The table of OpenAPI 3.1.1, 4.8.12.6, with what RFC 6570 says where the two differ.
test.each([
  ['simple', false, 'blue', 'blue'],
  ['simple', false, BLUE, 'blue,black,brown'],
  ['simple', true, BLUE, 'blue,black,brown'],
  ['simple', false, RGB, 'R,100,G,200,B,150'],
  ['simple', true, RGB, 'R=100,G=200,B=150'],
  ['label', false, 'blue', '.blue'],
  ['label', false, BLUE, '.blue,black,brown'],
  ['label', true, BLUE, '.blue.black.brown'],
  ['label', false, RGB, '.R,100,G,200,B,150'],
  ['label', true, RGB, '.R=100.G=200.B=150'],
  ['matrix', false, '', ';color'],
  ['matrix', false, 'blue', ';color=blue'],
  ['matrix', false, BLUE, ';color=blue,black,brown'],
  ['matrix', true, BLUE, ';color=blue;color=black;color=brown'],
  ['matrix', false, RGB, ';color=R,100,G,200,B,150'],
  ['matrix', true, RGB, ';R=100;G=200;B=150'],
  ['spaceDelimited', false, BLUE, 'blue%20black%20brown'],
  ['pipeDelimited', false, BLUE, 'blue%7Cblack%7Cbrown'],
  ['json', false, RGB, '%7B%22R%22%3A100%2C%22G%22%3A200%2C%22B%22%3A150%7D'],
] as const)('a path in style %s, explode %s, writes %j as %s', (style, explode, value, expected) => {
  expect(target({ in: 'path', style, explode }, value, '/a/{color}/b')).toBe(`/a/${expected}/b`)
})

test.each([
  ['form', false, '', '?color='],
  ['form', false, 'blue', '?color=blue'],
  ['form', true, BLUE, '?color=blue&color=black&color=brown'],
  ['form', false, BLUE, '?color=blue,black,brown'],
  ['form', true, RGB, '?R=100&G=200&B=150'],
  ['form', false, RGB, '?color=R,100,G,200,B,150'],
  ['form', true, [], ''],
  ['spaceDelimited', false, BLUE, '?color=blue%20black%20brown'],
  ['spaceDelimited', false, RGB, '?color=R%20100%20G%20200%20B%20150'],
  ['pipeDelimited', false, BLUE, '?color=blue%7Cblack%7Cbrown'],
  ['tabDelimited', false, BLUE, '?color=blue%09black%09brown'],
  ['deepObject', true, RGB, '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  ['deepObject', true, { a: { b: [1, 2] } }, '?color%5Ba%5D%5Bb%5D%5B%5D=1&color%5Ba%5D%5Bb%5D%5B%5D=2'],
  ['deepObject', true, [{ x: 1 }], '?color%5B0%5D%5Bx%5D=1'],
  ['json', false, BLUE, '?color=%5B%22blue%22%2C%22black%22%2C%22brown%22%5D'],
] as const)('a query in style %s, explode %s, writes %j as %s', (style, explode, value, expected) => {
  expect(target({ style, explode }, value)).toBe(`/it${expected}`)
})

test('what is not given, or null, is not sent', () => {
  expect(target({}, undefined)).toBe('/it')
  expect(target({}, null)).toBe('/it')
  expect(target({ explode: true }, { a: null, b: 1 })).toBe('/it?b=1')
})

test('reserved characters stay where the document allows it, save those that would end the value', () => {
  expect(target({ allowReserved: true }, 'a/b?c=d&e#f+g h')).toBe('/it?color=a/b?c=d%26e%23f%2Bg%20h')
  expect(target({}, 'a/b?c=d&e#f+g h')).toBe('/it?color=a%2Fb%3Fc%3Dd%26e%23f%2Bg%20h')
})

test('a name of a parameter is encoded too', () => {
  expect(target({ name: 'a&b=c[d]' }, 'x')).toBe('/it?a%26b%3Dc%5Bd%5D=x')
})

test.each(['..', '.', '', '%2e%2e', '%2E.'])('the value %j cannot lead to another path', (value) => {
  const encoded = value.startsWith('%') ? 'ok' : 'invalid'

  expect(codeOf(() => target({ in: 'path', style: 'simple' }, value, '/a/{color}/b'))).toBe(encoded)
})

test('slashes, queries and fragments in a value stay within their segment', () => {
  const value = 'a/..b/admin?x=1#y\\z;a=1'
  const url = new URL(built({ in: 'path', style: 'simple' }, value, '/a/{color}').url)

  expect(url.pathname.split('/').slice(0, 3)).toEqual(['', 'v1', 'a'])
  expect(decodeURIComponent(url.pathname.slice('/v1/a/'.length))).toBe(value)
  expect([url.search, url.hash]).toEqual(['', ''])
})

test.each(['../admin', 'a/../admin', 'a/..', '..\\admin', './x', 'a/.'])(
  'the value %j is refused, because some servers decode a path before they tidy it up',
  (value) => {
    expect(codeOf(() => target({ in: 'path', style: 'simple' }, value, '/a/{color}/b'))).toBe('invalid')
  },
)

test('two values cannot make a way up together', () => {
  const parameters = ['a', 'b'].map((name) => parameter({ argument: name, name, in: 'path', style: 'simple' }))
  const plan = operation({ path: '/x/{a}{b}/secret', parameters })

  expect(codeOf(() => buildRequest(plan, { a: '.', b: '.' }))).toBe('invalid')
})

test('a path whose value is missing is not called', () => {
  expect(codeOf(() => target({ in: 'path', style: 'simple' }, undefined, '/a/{color}'))).toBe('invalid')
})

test.each([
  [false, 'blue', 'blue'],
  [false, BLUE, 'blue,black,brown'],
  [false, RGB, 'R,100,G,200,B,150'],
  [true, RGB, 'R=100,G=200,B=150'],
] as const)('a header, explode %s, writes %j as %s', (explode, value, expected) => {
  expect(built({ in: 'header', name: 'X-Color', style: 'simple', explode }, value).headers).toEqual({ 'x-color': expected })
})

test('JSON in a header holds every alphabet', () => {
  const { headers } = built({ in: 'header', name: 'X-Color', style: 'json' }, { name: 'blåt 日本 🎨' })

  expect(headers['x-color']).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(headers['x-color']!)).toEqual({ name: 'blåt 日本 🎨' })
})

test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\u0000b', 'a\u007fb', '日本'])('%j cannot stand in a header', (value) => {
  expect(codeOf(() => built({ in: 'header', style: 'simple' }, value))).toBe('invalid')
})

test('a cookie cannot end and begin another', () => {
  const parameters = [
    parameter({ in: 'cookie', name: 'a', argument: 'a' }),
    parameter({ in: 'cookie', name: 'b', argument: 'b' }),
  ]

  expect(buildRequest(operation({ parameters }), { a: 'x; admin=1\r\n', b: BLUE }).headers).toEqual({
    cookie: 'a=x%3B%20admin%3D1%0D%0A; b=blue,black,brown',
  })
})

test('the media types of answers are asked for, best first', () => {
  expect(buildRequest(operation({ accept: ['application/json', 'text/plain'] }), {}).headers).toEqual({
    accept: 'application/json, text/plain',
  })
})

const field = (name: string, more: Partial<FieldPlan> = {}): FieldPlan => ({
  name,
  contentType: null,
  style: 'usual',
  explode: true,
  isFile: false,
  takesText: false,
  ...more,
})

const sent = (body: Partial<BodyPlan>, value: unknown) =>
  buildRequest(operation({ body: { argument: 'body', kind: 'json', contentType: 'application/json', fields: [], ...body } }), {
    body: value,
  })

test('JSON is sent as it is, null and nothing apart', () => {
  expect(sent({}, { a: [1, 'ü'] })).toMatchObject({ body: '{"a":[1,"ü"]}', headers: { 'content-type': 'application/json' } })
  expect(sent({}, null).body).toBe('null')
  expect(sent({}, undefined)).toMatchObject({ body: null, headers: {} })
})

test('text is sent as text, and bytes as bytes', () => {
  expect(sent({ kind: 'text', contentType: 'text/plain' }, 'a\nb').body).toBe('a\nb')
  expect(sent({ kind: 'binary', contentType: 'image/png' }, 'AP8=').body).toEqual(Buffer.from([0, 255]))
  expect(codeOf(() => sent({ kind: 'binary', contentType: 'image/png' }, 'not base64!'))).toBe('invalid')
})

test('fields of a form are written as the document says, others as is usual', () => {
  const fields = [
    field('list', { style: 'pipeDelimited', explode: false }),
    field('deep', { style: 'deepObject' }),
    field('json', { contentType: 'application/json' }),
  ]
  const form = { kind: 'form', contentType: 'application/x-www-form-urlencoded', fields } as const

  expect(sent(form, { list: BLUE, deep: { a: 1 }, json: { a: 1 }, plain: 'a b&c', many: [1, 2], object: { b: 2 } }).body).toBe(
    'list=blue%7Cblack%7Cbrown&deep%5Ba%5D=1&json=%7B%22a%22%3A1%7D&plain=a%20b%26c&many=1&many=2&object=%7B%22b%22%3A2%7D',
  )
  expect(codeOf(() => sent(form, 'text'))).toBe('invalid')
})

test('a list that a form has in JSON is one value', () => {
  const fields = [field('json', { contentType: 'application/json' })]
  const form = { kind: 'form', contentType: 'application/x-www-form-urlencoded', fields } as const

  expect(sent(form, { json: ['a', 1] }).body).toBe('json=%5B%22a%22%2C1%5D')
})

test('a list that a document joins is one part', async () => {
  const fields = [field('csv', { style: 'form', explode: false }), field('pipes', { style: 'pipeDelimited', explode: false })]

  const form = await partsSent(fields, { csv: BLUE, pipes: BLUE, many: BLUE })

  expect([...form].map(([name, value]) => `${name}: ${String(value)}`)).toEqual([
    'csv: blue,black,brown',
    'pipes: blue|black|brown',
    'many: blue',
    'many: black',
    'many: brown',
  ])
})

test('a field that takes files and texts tells them apart', async () => {
  const fields = [field('picture', { isFile: true, takesText: true })]

  expect((await partsSent(fields, { picture: 'https://example.com/a.png' })).get('picture')).toBe('https://example.com/a.png')
  expect((await partsSent(fields, { picture: { base64: 'YQ==' } })).get('picture')).toBeInstanceOf(File)
})

async function partsSent(fields: FieldPlan[], value: object): Promise<FormData> {
  const { body, headers } = sent({ kind: 'multipart', contentType: 'multipart/form-data', fields }, value)
  return new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': headers['content-type']! } }).formData()
}

test('a form with files is one that others can read', async () => {
  const fields = [field('file', { isFile: true, contentType: 'image/png' }), field('more', { isFile: true }), field('about')]
  const { body, headers } = sent(
    { kind: 'multipart', contentType: 'multipart/form-data', fields },
    {
      file: { name: 'a".png', mimeType: 'image/webp', base64: 'AP8=' },
      more: [{ base64: 'YQ==' }, 'Yg=='],
      about: { title: 'ü' },
      'note"\r\nX-Evil: 1': 'x',
    },
  )

  const form = await new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': headers['content-type']! },
  }).formData()
  const file = form.get('file') as File
  expect([file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]]).toEqual(['a".png', 'image/webp', [0, 255]])
  expect(await Promise.all(form.getAll('more').map((each) => (each as File).text()))).toEqual(['a', 'b'])
  expect([...form.keys()]).toEqual(['file', 'more', 'more', 'about', 'note"\r\nX-Evil: 1'])
  expect(form.get('note"\r\nX-Evil: 1')).toBe('x')
})

test('a file cannot bring a header or another part along', () => {
  const file = { name: 'a\r\nX-Evil: 1', mimeType: 'text/html\r\nX-Evil: 1', base64: Buffer.from('--x\r\n').toString('base64') }
  const { body } = sent(
    { kind: 'multipart', contentType: 'multipart/form-data', fields: [field('file', { isFile: true })] },
    { file },
  )

  expect(Buffer.from(body as Uint8Array).toString()).not.toMatch(/^X-Evil/m)
  expect(Buffer.from(body as Uint8Array).toString()).toContain('content-type: application/octet-stream')
})

test('the same arguments make the same request', () => {
  const plan: Partial<BodyPlan> = { kind: 'multipart', contentType: 'multipart/form-data', fields: [] }

  expect(sent(plan, { a: '1' })).toEqual(sent(plan, { a: '1' }))
})

test('an argument that only looks like one is none', () => {
  expect(target({ argument: 'constructor', name: 'constructor' }, 'x')).toBe('/it')
})
