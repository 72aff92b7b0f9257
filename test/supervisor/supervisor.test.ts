import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { ChildSpec } from '../../src/supervisor/child.ts'
import { RESTART_POLICY } from '../../src/supervisor/restart-policy.ts'
import { createSupervisor, type Supervisor, type SupervisorOptions } from '../../src/supervisor/supervisor.ts'
import { isAlive } from '../cli/processes.ts'
import { silentLog } from './silent-log.ts'

const PROGRAM = join(import.meta.dirname, 'process/child.ts')
const TREE = join(import.meta.dirname, 'process/tree.ts')
const FAST = { ...RESTART_POLICY, baseMs: 1, maxMs: 1 }

let folder: string
let supervisor: Supervisor | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-supervisor-'))
})
afterEach(async () => {
  supervisor?.kill()
  await supervisor?.over
  supervisor = undefined
  rmSync(folder, { recursive: true, force: true })
})

const worker = (name: string, ...manners: string[]): ChildSpec => ({ name, role: 'worker', argv: argv(name, manners) })
const front = (name: string, ...manners: string[]): ChildSpec => ({ name, role: 'front', argv: argv(name, manners) })
const argv = (name: string, manners: readonly string[]): string[] => [name, join(folder, 'journal'), ...manners]

function supervise(children: readonly ChildSpec[], options: Partial<SupervisorOptions> = {}): Supervisor {
  supervisor = createSupervisor({
    program: PROGRAM,
    children,
    log: silentLog,
    nowMs: Date.now,
    policy: FAST,
    killAfterMs: 100,
    ...options,
  })
  return supervisor
}

const journal = (): string[] => {
  const file = join(folder, 'journal')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}
const stateOf = (name: string) => supervisor!.processes().find((process) => process.name === name)!
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const running = (...names: string[]): Promise<void> =>
  until(() => expect(names.map((name) => stateOf(name).state)).toEqual(names.map(() => 'running')))
const grandchildPid = async (): Promise<number> => {
  await until(() => expect(journal().join()).toMatch(/grandchild \d/))
  return Number(/grandchild (\d+)/.exec(journal().join())![1])
}

test('a child that is killed comes back as another process, and its state says how it ended', async () => {
  supervise([worker('one')])
  await running('one')
  const { pid } = stateOf('one')

  process.kill(pid!, 'SIGKILL')

  await until(() => expect(stateOf('one')).toMatchObject({ state: 'running', restarts: 1, lastEnd: 'signal SIGKILL' }))
  expect(stateOf('one').pid).not.toBe(pid)
})

test('children give freed memory back to the system, unless whoever started the gateway chose otherwise', async () => {
  vi.stubEnv('MALLOC_ARENA_MAX', '7')
  onTestFinished(() => void vi.unstubAllEnvs())

  supervise([worker('one', 'says-allocator')])

  await until(() => expect(journal()).toContain('one allocates by 4194304 and 7'))
})

test('a worker that worked before and breaks over and over rests, the others go on, and it is tried again', async () => {
  supervise([front('door'), worker('bad', 'breaks')], { policy: { ...FAST, restMs: 300 } })

  await until(() => expect(stateOf('bad')).toMatchObject({ state: 'failed', restarts: 4, pid: null, lastEnd: 'code 7' }))
  expect(stateOf('door').state).toBe('running')

  await until(() => expect(stateOf('bad').restarts).toBeGreaterThan(5))
  expect(stateOf('door').state).toBe('running')
})

test('a child that cannot live is given up with all others, and the reason names it and its last end', async () => {
  const { over } = supervise([worker('good'), worker('bad', 'crashes')])

  const { code, why } = await over

  expect(code).toBe(1)
  expect(why).toMatch(/^The process bad ended 5 times within 60 s, the last time with code 7/)
  expect(stateOf('bad')).toMatchObject({ state: 'failed', restarts: 4, pid: null })
  expect(stateOf('good').pid).toBeNull()
})

test('a child that was well between its ends is started again each time, however the clock that people read is set', async () => {
  let steady = 0
  supervise([worker('one')], { nowMs: () => 1_800_000_000_000 - steady, steadyMs: () => steady })
  for (let restarts = 1; restarts <= FAST.maxEnds + 1; restarts++) {
    await running('one')
    steady += FAST.healthyMs
    process.kill(stateOf('one').pid!, 'SIGKILL')
    await until(() => expect(stateOf('one')).toMatchObject({ state: 'running', restarts }))
  }
})

test('a child that refuses its configuration is not started again, and nobody speaks in its place', async () => {
  const { over } = supervise([worker('good'), worker('bad', 'refuses')])

  expect(await over).toEqual({ code: 1, why: undefined })
  expect(journal().filter((line) => line.startsWith('bad'))).toEqual(['bad began refuses'])
})

test('a refusal of one that was ready before is an end like any other', async () => {
  supervise([worker('one', 'refuses-late', 'chooses')])

  await until(() => expect(stateOf('one')).toMatchObject({ state: 'running', restarts: 1, lastEnd: 'code 78' }))
})

test('what a child was given by chance, it is told when it is started again', async () => {
  supervise([worker('one', 'chooses')])
  await running('one')

  process.kill(stateOf('one').pid!, 'SIGKILL')

  await until(() => expect(journal()).toContain('one began chooses chosen'))
})

test('an orderly stop ends the front before any worker is told', async () => {
  const { stop, over } = supervise([worker('worker'), front('front')])
  await running('front', 'worker')

  stop()

  expect(await over).toEqual({ code: 0, why: undefined })
  expect(journal().slice(2)).toEqual(['front told', 'front ended', 'worker told', 'worker ended'])
})

test('a child that does not stop is told again, then killed with all that descends from it', async () => {
  const { stop, over } = supervise([worker('one', 'stubborn', 'has-runaway')], { stopMs: 50 })
  const runaway = await grandchildPid()
  await running('one')

  stop()

  expect((await over).code).toBe(1)
  expect(journal().filter((line) => line === 'one told')).toHaveLength(2)
  await until(() => expect(isAlive(runaway)).toBe(false))
})

test('a front says how long it may take to stop, and what it plans', async () => {
  const plans: unknown[] = []
  const { stop, over } = supervise([front('front', 'stubborn', 'plans')], { onPlan: (plan) => plans.push(plan) })
  await running('front')
  const askedAt = performance.now()

  stop()
  await over

  expect(plans).toEqual([{ kind: 'plan', workers: 3, logLevel: 'warn', stopMs: 100 }])
  expect(performance.now() - askedAt).toBeLessThan(5_000)
})

test('a stop at once waits for nobody', async () => {
  const { stop, kill, over } = supervise([front('front', 'stubborn'), worker('worker', 'stubborn')])
  await running('front', 'worker')
  const pids = [stateOf('front').pid!, stateOf('worker').pid!]
  stop()

  kill()

  expect((await over).code).toBe(1)
  expect(pids.filter(isAlive)).toEqual([])
})

test('a child that is killed takes its own process group with it', async () => {
  supervise([worker('one', 'has-grandchild')])
  const grandchild = await grandchildPid()
  await running('one')

  process.kill(stateOf('one').pid!, 'SIGKILL')

  await until(() => expect(isAlive(grandchild)).toBe(false))
})

test('the front hears of every process, the supervisor included', async () => {
  supervise([front('front', 'reports'), worker('worker')])

  await until(() => {
    const heard = journal().findLast((line) => line.startsWith('front heard'))!
    expect(JSON.parse(heard.slice('front heard '.length))).toMatchObject([
      { name: 'supervisor', pid: process.pid, state: 'running', vitals: { rssBytes: expect.any(Number) } },
      { name: 'front', state: 'running', restarts: 0, lastEnd: null },
      { name: 'worker', state: 'running', vitals: null },
    ])
  })
})

test('a child of a name that is there already is not started twice', async () => {
  const { add } = supervise([worker('one')])

  add(worker('one'))
  add(worker('two'))
  await running('one', 'two')

  expect(journal().filter((line) => line.startsWith('one began'))).toHaveLength(1)
})

test('children notice that their supervisor was killed, and stop', async () => {
  const tree = spawn(process.execPath, [TREE, PROGRAM, join(folder, 'journal'), 'one', 'two'], { stdio: 'inherit' })
  await until(() => expect(journal()).toHaveLength(2))

  tree.kill('SIGKILL')
  await once(tree, 'exit')

  await until(() => expect(journal()).toEqual(expect.arrayContaining(['one orphaned', 'two orphaned'])))
})
