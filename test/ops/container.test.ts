import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { STOP_BESIDES_DRAIN_MS } from '../../src/cli/front.ts'
import { KILL_AFTER_MS, STOP_MS } from '../../src/supervisor/supervisor.ts'
import { httpSettings } from '../../src/transport/http-settings.ts'

test('the container is built from every folder that is compiled', () => {
  const { include } = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as { include: readonly string[] }
  const dockerfile = readFileSync('ops/docker/Dockerfile', 'utf8')

  const copied = [...dockerfile.matchAll(/^COPY (\w+) \1$/gm)].map(([, folder]) => folder)

  expect(include.length).toBeGreaterThan(1)
  expect(copied).toEqual(expect.arrayContaining([...include]))
})

test('systemd and Docker wait longer for a stop than the gateway may take', () => {
  const unit = readFileSync('ops/systemd/gatehouse.service', 'utf8')
  const compose = readFileSync('ops/docker/compose.yaml', 'utf8')
  const frontMs = httpSettings.parse({}).drainMs + STOP_BESIDES_DRAIN_MS

  const longestMs = frontMs + STOP_MS + 2 * KILL_AFTER_MS

  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]) * 1_000).toBeGreaterThan(longestMs)
  expect(Number(/stop_grace_period: (\d+)s/.exec(compose)![1]) * 1_000).toBeGreaterThan(longestMs)
})
