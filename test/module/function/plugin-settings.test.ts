import { join } from 'node:path'
import { expect, test } from 'vitest'
import { functionBackendSettings } from '../../../queue/function.settings.ts'
import { setTaskSettings, taskSettings } from '../../../queue/task-settings.ts'
import { functionSettings } from '../../../src/module/function/function.settings.ts'
import { openTestHouse } from '../../support.ts'
import { get } from './ask.ts'
import { openFunctions } from './open-functions.ts'

const SECRET = 'token-of-somewhere-1'
const PLUGIN = {
  module: join(import.meta.dirname, '../../fixture/plugin/tells.mjs'),
  region: 'fra',
  token: 'secret:somewhere',
  headers: { authorization: `Bearer \${secret:somewhere}` },
}
const section = { plugin: { somewhere: PLUGIN } }

const { house, publish } = (() => {
  const functions = openFunctions(async () => {
    // As a worker with the same configuration file is told.
    setTaskSettings({ ...taskSettings(), function: functionBackendSettings.parse(section) })
    return openTestHouse({ onDisk: true, until: 'suite', settings: { function: functionSettings.parse(section) } })
  })
  return { house: () => functions.house, publish: functions.publish }
})()

test('a plugin is told the values that its settings refer to, and new ones with the next run', async () => {
  await get(house(), 'POST', '/secrets', { name: 'somewhere', value: SECRET })
  await publish('told', 'settings', { backend: 'somewhere' })
  await publish('lengths', 'length', { backend: 'somewhere' })
  const run = async (name: string): Promise<unknown> =>
    (await house().fetch(`/api/tools/fn/${name}`, house().adminToken, { method: 'POST' })).json()

  const told = await run('told')
  const before = await run('lengths')
  await get(house(), 'POST', '/secrets/somewhere/versions', { value: `${SECRET}-and-more` })
  const after = await run('lengths')

  // What a plugin answers is judged like any answer, so the values themselves are hidden again.
  expect(told).toMatchObject({
    structuredContent: { region: 'fra', token: '[redacted]', headers: { authorization: 'Bearer [redacted]' } },
  })
  expect([before, after]).toMatchObject([
    { structuredContent: { length: SECRET.length } },
    { structuredContent: { length: SECRET.length + '-and-more'.length } },
  ])
})

test('a secret that a plugin is told cannot be removed under it', async () => {
  const reply = await house().fetch('/api/secrets/somewhere', house().adminToken, { method: 'DELETE' })

  expect([reply.status, await reply.text()]).toEqual([409, expect.stringContaining('backend somewhere (token)')])
})

test('a setting that can only be meant as a reference and is none keeps the gateway from starting', async () => {
  const broken = { plugin: { somewhere: { ...PLUGIN, token: 'secret:No Such Name' } } }

  await expect(openTestHouse({ settings: { function: functionSettings.parse(broken) } })).rejects.toThrow(
    /\[function\.plugin\.somewhere\].*cannot be read as a reference/,
  )
})
