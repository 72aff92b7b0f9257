import { expect, test } from 'vitest'
import { DOCUMENT_LIMITS } from '../../../src/module/api/document/document-limits.ts'
import { readInThread } from '../../../src/module/api/read-in-thread.ts'
import { petsDocument } from './open-apis.ts'

const order = (text: string) => ({ text, url: null, limits: DOCUMENT_LIMITS })
const nothing = async (): Promise<string> => {
  throw new Error('Nothing is to be fetched.')
}
const signal = new AbortController().signal

test('many documents at once are all read, and a refusal says why', async () => {
  const text = petsDocument('https://zoo.example')

  const read = await Promise.allSettled([text, '<html>', text, text].map((one) => readInThread(order(one), nothing, signal)))

  expect(read.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(read[1]).toMatchObject({ reason: { code: 'invalid', message: expect.stringContaining('HTML') } })
})

test('what a document refers to elsewhere is asked for by its thread', async () => {
  const pet = JSON.stringify({ type: 'object', properties: { name: { type: 'string' } } })
  const asked: string[] = []
  const text = petsDocument('https://zoo.example').replace(
    '"schema":{"type":"integer"}',
    '"schema":{"$ref":"https://zoo.example/limit.json"}',
  )

  const { operations } = await readInThread(
    order(text),
    async (url) => {
      asked.push(url)
      return pet
    },
    signal,
  )

  expect(asked).toEqual(['https://zoo.example/limit.json'])
  expect(operations[0]!.inputSchema).toMatchObject({ properties: { limit: { properties: { name: { type: 'string' } } } } })
})

test('a reading that nobody waits for any more ends', async () => {
  const caller = new AbortController()
  const text = petsDocument('https://zoo.example').replace(
    '"schema":{"type":"integer"}',
    '"schema":{"$ref":"https://zoo.example/limit.json"}',
  )
  const asked = Promise.withResolvers<void>()

  const reading = readInThread(
    order(text),
    () => {
      asked.resolve()
      return new Promise(() => undefined)
    },
    caller.signal,
  )
  await asked.promise
  caller.abort(new Error('gone'))

  await expect(reading).rejects.toThrow('gone')
})
