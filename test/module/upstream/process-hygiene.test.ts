import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openUpstreams, type Upstreams } from './open-upstreams.ts'

const SCRIPT = fileURLToPath(new URL('../../fixture/upstream/tiny-server.sh', import.meta.url))
const UPSTREAMS = 20
const ROUNDS_EACH = 50

/** Ways in which a server comes and goes. */
const ROUNDS = [
  (house: Upstreams, alias: string) => house.operate('upstream_restart', { alias }),
  async (house: Upstreams, alias: string) => {
    await house.operate('upstream_disable', { alias })
    await house.operate('upstream_enable', { alias })
  },
  async (house: Upstreams, alias: string, seen: Set<number>) => {
    const [pid] = await pidsOf(house, alias, 'test', seen)
    process.kill(pid!, 'SIGKILL')
  },
  async (house: Upstreams, alias: string, seen: Set<number>) => {
    const sessionKey = `${alias} ${seen.size}`
    const [pid] = await pidsOf(house, alias, sessionKey, seen)
    process.kill(pid!, 'SIGKILL')
    house.gatehouse.events.publish('session_ended', { sessionKey })
  },
]

async function pidsOf(house: Upstreams, alias: string, sessionKey: string, seen: Set<number>): Promise<number[]> {
  const pids = (await house.callText(`${alias}__pids`, {}, { sessionKey })).split(' ').map(Number)
  for (const pid of pids) seen.add(pid)
  return pids
}

/** A zombie runs no more; it only waits for a parent that does not look after it. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.includes('(sh)') || stat.includes('(sleep)') ? !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) : false
  } catch {
    return false
  }
}

it('leaves no process behind after a thousand rounds of connecting, killing and restarting', { timeout: 180_000 }, async () => {
  const aliases = Array.from({ length: UPSTREAMS }, (_, index) => `tiny-${index}`)
  const definition = (index: number): object => ({ command: SCRIPT, shared: index % 2 === 0 })
  const house = await openUpstreams(Object.fromEntries(aliases.map((alias, index) => [alias, definition(index)])))
  const seen = new Set<number>()

  await Promise.all(
    aliases.map(async (alias, index) => {
      for (let round = 0; round < ROUNDS_EACH; round += 1) {
        await house.until(alias, 'connected')
        await ROUNDS[(round + index) % ROUNDS.length]!(house, alias, seen)
      }
      await house.until(alias, 'connected')
      await pidsOf(house, alias, 'last', seen)
    }),
  )

  expect(house.store.children()).toBeLessThanOrEqual(UPSTREAMS * 2)
  await house.close()
  expect(seen.size).toBeGreaterThan(ROUNDS_EACH * 10)
  expect([...seen].filter(isRunning)).toEqual([])
})
