import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { verifyAudit } from '../../../src/module/audit/verify-audit.ts'
import { LogSettings, type LogStore, openLogStore } from '../../../src/module/log/log.store.ts'
import { type LineFilter, listLines } from '../../../src/module/log/log-list.ts'
import { logSink } from '../../../src/module/log/log-sink.ts'
import { openTestHouse } from '../../support.ts'
import { KEYS, NOW, plansOf, temporaryFolder, testWorld } from '../audit/audit-house.ts'

/** The store, and a logger that writes into it as the gateway's own does. */
async function openLog(settings: Partial<LogSettings> = {}, folder = ':memory:') {
  const world = testWorld(folder, LogSettings.parse(settings))
  const announced: string[] = []
  world.house.events.subscribe('log', ({ level }) => announced.push(level))
  const store = await openLogStore(world.house)
  const write = logSink(store)
  const log = pino({ level: 'trace', base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }, { write })
  return { world, store, log, write, announced }
}

const timersOf = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

const eventsOf = async (store: LogStore, filter: LineFilter): Promise<string[]> =>
  (await listLines(store.upToDate(), filter, { limit: 200, cursor: undefined })).rows.map(({ event }) => event)

describe('the kept server log', () => {
  test('keeps lines from the configured level on, with request, upstream and the other fields', async () => {
    const { store, log } = await openLog()
    log.debug({}, 'quiet')
    log.info({ requestId: 'r1', upstream: 'files', took: 3 }, 'upstream.stderr')
    log.error({ err: new Error('broken') }, 'door.bug')

    const { rows } = await listLines(store.upToDate(), {}, { limit: 10, cursor: undefined })
    await store.close()

    expect(rows.map(({ event, level }) => [event, level])).toEqual([
      ['door.bug', 50],
      ['upstream.stderr', 30],
    ])
    expect(rows[1]).toMatchObject({ request_id: 'r1', upstream: 'files', fields: '{"took":3}' })
    expect(JSON.parse(rows[0]!.fields).err.message).toBe('broken')
    expect(rows[1]!.at).toBeGreaterThan(NOW - 1e12)
  })

  test('keeps warnings and errors even when it is told to keep little, and announces them', async () => {
    const { store, log, announced } = await openLog({ level: 'warn' })
    log.info({}, 'a')
    log.warn({}, 'b')
    log.error({}, 'c')
    log.fatal({}, 'd')

    expect(await eventsOf(store, {})).toEqual(['d', 'c', 'b'])
    expect(announced).toEqual(['warn', 'error', 'error'])
    await store.close()
  })

  test('keeps no secret of a line, in fields, texts or errors', async () => {
    const { store, log } = await openLog()
    log.warn(
      { password: 'zq1', err: new Error('failed for postgres://app:zq2zq2@db'), text: 'Authorization: Bearer zq3zq3zq3zq3' },
      'x token=zq4',
    )

    const { rows } = await listLines(store.upToDate(), {}, { limit: 10, cursor: undefined })
    await store.close()

    expect(JSON.stringify(rows)).not.toContain('zq')
  })

  test('is not upset by lines that are no JSON, no object, huge or strange', async () => {
    const folder = await temporaryFolder()
    const { store, write, log } = await openLog({}, folder)
    for (const line of [
      'garbage',
      '',
      'null',
      '[1]',
      '{"level":"high"}',
      '{"level":40}',
      '{"level":45,"time":"no time","event":7}',
    ])
      write(line)
    log.warn({ text: 'x'.repeat(1_000_000), deep: { nul: '\0\ud800' } }, `e\0\ud800`)
    const { rows } = await listLines(store.upToDate(), {}, { limit: 10, cursor: undefined })
    await store.close()

    expect(rows).toHaveLength(3)
    expect(rows.every(({ fields }) => fields.length <= 8_192)).toBe(true)
    expect((await verifyAudit(folder, KEYS)).stores).toContainEqual(expect.objectContaining({ store: 'log', ok: true }))
  })

  test('answers filters by level, upstream, request, time and text', async () => {
    const { store, write } = await openLog()
    const line = (index: number, fields: object): void =>
      write(JSON.stringify({ time: new Date(NOW + index * 1_000).toISOString(), event: `e${index}`, ...fields }))
    line(0, { level: 30, upstream: 'files' })
    line(1, { level: 40, upstream: 'files', text: 'Disk 100% full' })
    line(2, { level: 50, requestId: 'r2' })
    line(3, { level: 30, event: 'upstream.connected', alias: 'echo' })

    expect(await eventsOf(store, { level: 'warn' })).toEqual(['e2', 'e1'])
    expect(await eventsOf(store, { level: 'error' })).toEqual(['e2'])
    expect(await eventsOf(store, { upstream: 'files' })).toEqual(['e1', 'e0'])
    expect(await eventsOf(store, { upstream: 'echo' })).toEqual(['upstream.connected'])
    expect(await eventsOf(store, { requestId: 'r2' })).toEqual(['e2'])
    expect(await eventsOf(store, { search: '100% FULL' })).toEqual(['e1'])
    expect(await eventsOf(store, { since: NOW + 1_000, until: NOW + 2_000 })).toEqual(['e2', 'e1'])
    await store.close()
  })

  test('asks the database only questions that an index answers in order', async () => {
    const { store } = await openLog()
    const raw = store.raw

    const plans = await plansOf(raw, async () => {
      for (const filter of [
        {},
        { level: 'error' },
        { level: 'warn' },
        { upstream: 'files' },
        { requestId: 'r1', level: 'warn' },
        { since: NOW },
        { until: NOW },
        { search: 'x' },
      ] as const) {
        await listLines(store.upToDate(), filter, { limit: 10, cursor: undefined })
      }
    })
    await store.close()

    expect(plans.length).toBeGreaterThan(8)
    for (const { sql, plan } of plans) {
      expect({ sql, plan }).toEqual({
        sql,
        plan: [expect.stringMatching(/^SEARCH \w+ USING (?:COVERING )?(?:INDEX|INTEGER PRIMARY KEY)/)],
      })
    }
  })

  test('takes no more lines once it is closed', async () => {
    const { world, store, log } = await openLog()
    await store.close()
    const timers = timersOf()

    log.error({}, 'late')

    expect(store.rows.dropped).toBe(0)
    expect(world.lines).toEqual([])
    expect(timersOf()).toBe(timers)
  })

  test('is listed and exported through the door', async () => {
    const house = await openTestHouse()
    const write = logSink(house.gatehouse.store<LogStore>('log'))
    write(JSON.stringify({ level: 40, time: '2026-01-02T03:04:05.000Z', event: '=cmd', detail: 'a,"b"' }))

    const list = await house.fetch('/api/log?level=warn', house.adminToken)
    const csv = await house.fetch('/api/log/export?format=csv', house.adminToken)
    const refused = await house.fetch('/api/log', await house.token('audit.read'))

    expect(await list.json()).toMatchObject({
      lines: [{ level: 'warn', event: '=cmd', at: Date.UTC(2026, 0, 2, 3, 4, 5), fields: { detail: 'a,"b"' } }],
    })
    expect(((await csv.json()) as { text: string }).text).toBe(
      `id,at,level,event,requestId,upstream,fields\r\n1767323045000,1767323045000,warn,"'=cmd",,,"{""detail"":""a,\\""b\\""""}"\r\n`,
    )
    expect(refused.status).toBe(403)
  })
})
