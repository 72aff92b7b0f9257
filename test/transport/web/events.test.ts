import { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import type { Topic } from '../../../src/contract/house.ts'
import { createStreams } from '../../../src/transport/web/streams.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'
import { openBrowser } from './house.ts'

/** The events of a stream as they come; `undefined` once it has ended. */
async function listen(house: TestHouse, headers: Record<string, string>) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await fetch(`${house.url}/events`, { headers, signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const found = /^event: (\w+)\ndata: \{\}\n\n/m.exec(text)
      if (found) {
        text = text.slice(found.index + found[0].length)
        return found[1]
      }
      const { done, value } = await reader.read()
      if (done) return undefined
      text += value
    }
  }
  /** What was heard until a topic came, that one included; opening a house makes some noise of its own. */
  const until = async (topic: Topic | undefined): Promise<readonly (string | undefined)[]> => {
    const heard: (string | undefined)[] = []
    do heard.push(await next())
    while (heard.at(-1) !== topic && heard.at(-1) !== undefined)
    return heard.filter((one) => one !== 'access' && one !== 'monitor')
  }
  return { response, until }
}

test('tells a signed-in page that something changed, and nothing else', async () => {
  const house = await openTestHouse()
  const { cookie } = await openBrowser(house)
  const { response, until } = await listen(house, { cookie })

  house.gatehouse.events.publish('upstream', { alias: 'files' })

  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await until('upstream')).toEqual(['upstream'])
})

test('gathers what happens at once into one event', async () => {
  const house = await openTestHouse()
  const { cookie } = await openBrowser(house)
  const { until } = await listen(house, { cookie })

  for (let at = 0; at < 100; at += 1) house.gatehouse.events.publish('upstream', { alias: 'files' })
  const first = await until('upstream')
  house.gatehouse.events.publish('log', { level: 'warn' })

  expect([...first, ...(await until('log'))]).toEqual(['upstream', 'log'])
})

test('says nothing of topics whose pages the caller may not see', async () => {
  const house = await openTestHouse()
  const token = await house.token('log.read')
  const { until } = await listen(house, { authorization: `Bearer ${token}` })

  house.gatehouse.events.publish('upstream', { alias: 'files' })
  house.gatehouse.events.publish('log', { level: 'warn' })

  expect(await until('log')).toEqual(['log'])
})

test('a page that reads to show itself does not make pages read again', async () => {
  const house = await openTestHouse()
  const { cookie, get } = await openBrowser(house)
  const { until } = await listen(house, { cookie })

  await (await get('/activity')).text()
  house.gatehouse.events.publish('log', { level: 'warn' })

  expect(await until('log')).toEqual(['log'])
})

test('ends when the person signs out', async () => {
  const house = await openTestHouse()
  const { cookie, post } = await openBrowser(house)
  const { until } = await listen(house, { cookie })

  await post('/sign-out', {})

  expect((await until(undefined)).at(-1)).toBeUndefined()
})

test('ends when rights change, so that the browser comes back with those that hold now', async () => {
  const house = await openTestHouse()
  const { cookie } = await openBrowser(house)
  const { until } = await listen(house, { cookie })

  house.gatehouse.events.publish('access', { userId: undefined })

  expect((await until(undefined)).at(-1)).toBeUndefined()
})

test('holds a bounded number of streams per person, and lets go of the oldest', () => {
  const streams = createStreams()
  const open = Array.from({ length: 20 }, () => {
    const response = new ServerResponse({ method: 'GET' } as never)
    expect(streams.add({ caller: systemCaller, session: undefined, response, hears: () => true })).toBe(true)
    return response
  })

  expect(streams.size).toBe(12)
  expect(open.filter((response) => response.writableEnded)).toEqual(open.slice(0, 8))
})

test('lets go of a reader that does not read', () => {
  const streams = createStreams()
  const response = new ServerResponse({ method: 'GET' } as never)
  streams.add({ caller: systemCaller, session: undefined, response, hears: () => true })

  for (let at = 0; at < 10_000 && streams.size > 0; at += 1) streams.announce('call' satisfies Topic)

  expect(streams.size).toBe(0)
})

test('ends the streams of sessions that are over', async () => {
  const streams = createStreams()
  const responses = ['live', 'over'].map((session) => {
    const response = new ServerResponse({ method: 'GET' } as never)
    streams.add({ caller: systemCaller, session, response, hears: () => true })
    return response
  })

  await streams.keepAlive(async ({ session }) => session === 'live')

  expect(responses.map(({ writableEnded }) => writableEnded)).toEqual([false, true])
})
