import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { apiLane } from '../../../queue/api.lane.ts'
import { startWorker } from '../../../queue/pool/start-worker.ts'
import { setTaskSettings, taskSettings } from '../../../queue/task-settings.ts'
import { egressSettings } from '../../../src/contract/egress.ts'
import type { Queue } from '../../../src/contract/queue.ts'
import { openServer } from '../../core/egress/open-server.ts'
import { never, openStand, workersOf } from '../../fixture/lane/stand.ts'
import { LOOPBACK } from '../../fixture/worker.ts'
import { createTestLog } from '../../support.ts'
import { pass } from './run-task.ts'

/** A front and a worker with a real thread, in this process. */
async function open(): Promise<Queue> {
  setTaskSettings({ ...taskSettings(), egress: egressSettings.parse(LOOPBACK) })
  const stand = await openStand()
  const handler = { ask: async () => ({ kind: 'bearer', token: 'token-of-the-front' }) }
  const queue = await stand.front({ lanes: [apiLane], prepare: (front) => front.handle(apiLane, handler) })
  const worker = startWorker({
    lanes: [apiLane],
    taskFile: (lane) => new URL(`../../../workers/${lane}.task.ts`, import.meta.url).href,
    socketPath: stand.socketPath,
    name: 'worker-1',
    policies: {},
    log: createTestLog([]),
  })
  onTestFinished(() => worker.stop(0))
  await workersOf(queue, 1)
  return queue
}

test('a connection that the API closed while the thread had nothing to do is not used for a write', async () => {
  const queue = await open()
  const sockets: Socket[] = []
  const { url } = await openServer((request, reply) => {
    sockets.push(request.socket)
    reply.end(request.headers.authorization)
  })
  const write = () =>
    queue.run(apiLane, pass(url, { method: 'POST', isRepeatable: false, asksCredential: false }), {
      token: 'token:1',
      signal: never(),
    })

  const first = await write()
  const closed = once(sockets[0]!, 'close')
  sockets[0]!.destroy()
  await closed
  const second = await write()

  expect([first.status, second.status]).toEqual([200, 200])
  expect(sockets[1]).not.toBe(sockets[0])
})

test('the credential travels from the front to the thread and stands in no ledger', async () => {
  const queue = await open()
  let heard: string | undefined
  const { url } = await openServer((request, reply) => {
    heard = request.headers.authorization
    reply.end()
  })

  await queue.run(apiLane, pass(url), { token: 'token:1', signal: never() })
  const [row] = await queue.jobs('api', { limit: 1 })
  const job = await queue.job('api', row!.id)

  expect(heard).toBe('Bearer token-of-the-front')
  expect(JSON.stringify(job)).not.toContain('token-of-the-front')
})
