import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Fault } from '../../../../src/contract/fault.ts'
import { readDocument } from '../../../../src/module/api/document/read-document.ts'
import { CORPUS, corpusText } from './corpus.ts'

const LIMIT_MS = 5_000

const refusing = async (): Promise<string> => {
  throw new Fault('forbidden', 'Nothing is fetched here.')
}

describe.skipIf(CORPUS.length === 0).each(CORPUS)('the real document %s', (name) => {
  const text = CORPUS.length === 0 ? '' : corpusText(name)
  const read = () => readDocument(text, { url: `https://api.example.com/${name}`, fetchPart: refusing })

  test('is read in less than 5 s', async () => {
    const startedAt = performance.now()

    const { operations } = await read()

    expect(operations.length).toBeGreaterThan(0)
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS)
  })

  test('becomes valid tools, or says where and why not', { timeout: 60_000 }, async () => {
    const { operations, problems } = await read()
    const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false, allErrors: true })

    for (const { inputSchema, outputSchema, toolName, key } of operations) {
      expect(toolName, key).toMatch(/^[a-zA-Z0-9_-]{1,42}$/)
      expect(() => ajv.compile(inputSchema), key).not.toThrow()
      if (outputSchema) expect(() => ajv.compile(outputSchema), key).not.toThrow()
      expect(inputSchema['type'], key).toBe('object')
      for (const argument of Object.keys(inputSchema['properties'] as object)) expect(argument).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/)
      expect(JSON.stringify(inputSchema).length, key).toBeLessThan(26_000)
      expect(JSON.stringify(outputSchema).length, key).toBeLessThan(20_000)
    }
    expect(new Set(operations.map(({ toolName }) => toolName.toLowerCase())).size).toBe(operations.length)
    const offered = new Set(operations.map(({ key }) => key))
    const left = keysIn(text).filter((key) => !offered.has(key))
    expect(
      left.filter((key) => !problems.some(({ pointer, severity }) => severity === 'error' && pointer.startsWith(placeOf(key)))),
    ).toEqual([])
  })

  test('becomes the same tools each time', async () => {
    const [one, other] = [await read(), await read()]

    expect(one.operations.map(({ toolName, hash }) => [toolName, hash])).toEqual(
      other.operations.map(({ toolName, hash }) => [toolName, hash]),
    )
  })
})

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** What the document has, read without any of our code. */
function keysIn(text: string): string[] {
  const { paths } = (text.startsWith('{') ? JSON.parse(text) : parse(text)) as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

const placeOf = (key: string): string =>
  `/paths/${key
    .slice(key.indexOf(' ') + 1)
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')}`
