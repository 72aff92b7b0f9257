import { describe, expect, test, vi } from 'vitest'
import { ask, get } from './ask.ts'
import { openFunctions } from './open-functions.ts'

const functions = openFunctions()
const { publish } = functions

const submit = (name: string, body: object, token?: string) =>
  ask(functions.house, 'POST', `/functions/${name}/jobs`, body, token)
const result = (jobId: number, token?: string) => ask(functions.house, 'GET', `/function-jobs/${jobId}`, undefined, token)
const ended = (jobId: number, token?: string) =>
  vi.waitFor(async () => {
    const { body } = await result(jobId, token)
    expect(body.state).not.toBe('waiting')
    return body
  }, 10_000)

describe('a submitted function', () => {
  test('runs without anybody waiting, and keeps its result for its submitter', async () => {
    await publish('sum', 'export default ({ numbers }) => ({ sum: numbers.reduce((a, b) => a + b, 0) })')

    const { status, body } = await submit('sum', { input: { numbers: [1, 2, 3] } })

    expect(status).toBe(200)
    expect(await ended(body.jobId)).toMatchObject({ state: 'ok', output: { sum: 6 }, kept: true, name: 'sum', version: 1 })
    expect(await get(functions.house, 'GET', `/function-invocations/${body.jobId}`)).toMatchObject({
      asked: 'submit',
      outcome: 'ok',
    })
    expect(await get(functions.house, 'GET', `/queue/lanes/function/jobs/${body.jobId}`)).toMatchObject({
      job: { id: body.jobId },
    })
  })

  test('goes behind calls, even those of its own submitter', async () => {
    await publish('slow', 'export default () => { for (;;); }', {
      limits: { timeoutMs: 400 },
    })
    await publish('quick', 'export default () => 1')
    const jobs = await Promise.all(Array.from({ length: 8 }, () => submit('slow', {})))

    expect(await ask(functions.house, 'POST', '/tools/fn/quick', {})).toMatchObject({ status: 200 })

    const states = await Promise.all(jobs.map(({ body }) => result(body.jobId)))
    expect(states.filter(({ body }) => body.state === 'waiting').length).toBeGreaterThan(3)
    await Promise.all(jobs.map(({ body }) => ended(body.jobId)))
  })

  test('that throws has failed with its message', async () => {
    await publish('fails', 'export default () => { throw new Error("Not today") }')

    const { body } = await submit('fails', {})

    expect(await ended(body.jobId)).toMatchObject({
      state: 'failed',
      output: null,
      message: expect.stringContaining('Not today'),
    })
  })

  test('under the same key is the same job, for one caller and one function', async () => {
    await publish('once', 'export default () => 1')
    await publish('twice', 'export default () => 2')

    const [first, again, other] = [
      await submit('once', { key: 'k' }),
      await submit('once', { key: 'k', input: { other: true } }),
      await submit('twice', { key: 'k' }),
    ]

    expect(again.body).toEqual({ jobId: first.body.jobId, isNew: false })
    expect(other.body.jobId).not.toBe(first.body.jobId)
    expect(await ended(other.body.jobId)).toMatchObject({ output: 2 })
  })

  test('under a key of a function that was removed is no job of the next by that name', async () => {
    await publish('reborn', 'export default () => "first"')
    const first = await submit('reborn', { key: 'k' })
    expect(await ended(first.body.jobId)).toMatchObject({ output: 'first' })
    await get(functions.house, 'DELETE', '/functions/reborn')
    await publish('reborn', 'export default () => "second"')

    const second = await submit('reborn', { key: 'k' })

    expect(second.body.isNew).toBe(true)
    expect(await ended(second.body.jobId)).toMatchObject({ output: 'second' })
  })

  test('runs the version of when it was submitted, not before its time', async () => {
    const { updatedAt } = await publish('later', 'export default () => "old"')
    const runAt = Date.now() + 1_500

    const { body } = await submit('later', { runAt })
    await get(functions.house, 'PUT', '/functions/later', { updatedAt, source: 'export default () => "new"' })
    await get(functions.house, 'POST', '/functions/later/versions', {})

    const { output, startedAt } = await ended(body.jobId)
    expect(output).toBe('old')
    expect(startedAt).toBeGreaterThanOrEqual(runAt)
  })

  test('is called off when its function is removed', async () => {
    await publish('doomed', 'export default () => 1')
    const { jobId } = (await submit('doomed', { runAt: Date.now() + 3_600_000 })).body
    await vi.waitFor(() => get(functions.house, 'GET', `/queue/lanes/function/jobs/${jobId}`))

    await get(functions.house, 'DELETE', '/functions/doomed')

    expect(await ended(jobId)).toMatchObject({ state: 'cancelled', message: 'doomed was removed before it ran.' })
  })

  test('that submits itself comes to an end', async () => {
    await publish(
      'echo',
      `export default async ({ name }, { tools }) => {
        return tools.call('function_submit', { name, input: { name } }).then(({ jobId }) => jobId, ({ code, message }) => code + message)
      }`,
      { keys: ['function.call', 'tool:fn__echo'] },
    )

    let { jobId } = (await submit('echo', { input: { name: 'echo' } })).body
    const depths: number[] = []
    while (typeof jobId === 'number') {
      const { output } = await ended(jobId)
      depths.push((await get(functions.house, 'GET', `/function-invocations/${jobId}`)).depth)
      jobId = depths.length < 9 ? output : 'It went on and on.'
    }

    expect(depths).toEqual([0, 1, 2, 3])
    expect(jobId).toMatch(/^blocked.*4 deep/)
  })

  test('needs what a call needs: the right to its tool, and arguments that fit', async () => {
    await publish('picky', 'export default () => 1', {
      inputSchema: { type: 'object', required: ['n'], properties: { n: { type: 'number' } } },
    })
    const noTool = await functions.house.token('function.call')
    const noJobs = await functions.house.token('tool:fn__picky')

    expect(await submit('picky', { input: { n: 1 } }, noTool)).toMatchObject({
      status: 403,
      body: { data: { permit: 'tool:fn__picky' } },
    })
    expect(await submit('picky', { input: { n: 1 } }, noJobs)).toMatchObject({ status: 403 })
    expect(await submit('picky', { input: { n: 'x' } })).toMatchObject({ status: 400, body: { errors: [{ path: '/n' }] } })
  })

  test('shows itself to its submitter only, and tests and calls are nobody’s jobs', async () => {
    await publish('mine', 'export default () => 1')
    const { body } = await submit('mine', {})
    await ended(body.jobId)
    const { user } = await get(functions.house, 'POST', '/users', { name: 'ada', keys: ['role:agent'] })
    const { token } = await get(functions.house, 'POST', '/tokens', { userId: user.id, label: 'ada', scope: 'full' })

    expect(await result(body.jobId, token)).toMatchObject({ status: 404 })
    expect(await result(1)).toMatchObject({ status: 404 })
  })

  test('shows its result to no token of its submitter’s that may not call it', async () => {
    await publish('wide', 'export default () => "for few"')
    const { body } = await submit('wide', {})
    await ended(body.jobId)

    expect(await result(body.jobId, await functions.house.token('function.call'))).toMatchObject({
      status: 403,
      body: { data: { permit: 'tool:fn__wide' } },
    })
    expect(await result(body.jobId, await functions.house.token('function.call', 'tool:fn__wide'))).toMatchObject({ status: 200 })
  })
})
