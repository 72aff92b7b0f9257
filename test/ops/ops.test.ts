import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CHECK_NAMES } from '../../src/module/monitor/check.ts'

const ROOT = join(import.meta.dirname, '../..')
const OPS = join(ROOT, 'ops')
const RULES = join(OPS, 'prometheus/gatehouse.rules.yml')

const documented = new Set(
  [...readFileSync(join(ROOT, 'asset/docs/metrics.md'), 'utf8').matchAll(/^\| `(gatehouse_[a-z0-9_]+)` \| (\w+)/gm)].flatMap(
    ([, name, type]) => (type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name!]),
  ),
)

const read = (path: string): any => parse(readFileSync(join(OPS, path), 'utf8'))
const metricsIn = (text: string): string[] => [...text.matchAll(/\bgatehouse_[a-z0-9_]+/g)].map(([name]) => name)

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string }
}

const rules: Rule[] = read('prometheus/gatehouse.rules.yml').groups.flatMap((group: { rules: Rule[] }) => group.rules)
const dashboard = JSON.parse(readFileSync(join(OPS, 'grafana/dashboards/gatehouse.json'), 'utf8'))
const panels: readonly any[] = dashboard.panels.filter(({ type }: { type: string }) => type !== 'row')

describe('the rules of Prometheus', () => {
  test('ask for metrics that there are', () => {
    const asked = rules.flatMap(({ expr }) => metricsIn(expr))

    expect(asked.length).toBeGreaterThan(15)
    expect(asked.filter((name) => !documented.has(name))).toEqual([])
  })

  test('say what is wrong and what to do, and have names of their own', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(annotations.summary, alert).toMatch(/\.$/)
      expect(annotations.action, alert).toMatch(/\.$/)
      expect(['critical', 'warning', 'info'], alert).toContain(labels.severity)
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })

  test('cover both states of every check', () => {
    const ofChecks = rules.map(({ expr }) => expr).filter((expr) => expr.startsWith('gatehouse_check_state'))

    expect(CHECK_NAMES.length).toBeGreaterThan(5)
    expect(ofChecks).toEqual(['gatehouse_check_state == 2', 'gatehouse_check_state == 1'])
  })

  const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool', process.env['PROMTOOL'] ?? ''].find(
    (path) => path && existsSync(path),
  )
  test.skipIf(!promtool)('are good in the eyes of promtool (skipped where it is not installed)', () => {
    const told = execFileSync(promtool!, ['check', 'rules', RULES], { encoding: 'utf8' })

    expect(told).toContain(`SUCCESS: ${rules.length} rules found`)
  })
})

describe('the dashboard of Grafana', () => {
  test('asks for metrics that there are', () => {
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }: { expr: string }) => metricsIn(expr)))

    expect(asked.length).toBeGreaterThan(30)
    expect(asked.filter((name) => !documented.has(name))).toEqual([])
  })

  test('asks the data source that is provisioned', () => {
    const { datasources } = read('grafana/provisioning/datasources/prometheus.yml')
    const asked = new Set(panels.flatMap(({ targets }) => targets.map((target: any) => target.datasource.uid)))

    expect([...asked]).toEqual([datasources[0].uid])
  })

  test('has panels that stand beside each other, not on each other', () => {
    const taken = new Set<string>()
    for (const { gridPos, title } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x}/${y}`), title).toBe(false)
          expect(x, title).toBeLessThan(24)
          taken.add(`${x}/${y}`)
        }
    expect(new Set(dashboard.panels.map(({ id }: { id: number }) => id)).size).toBe(dashboard.panels.length)
  })
})

describe('the composition', () => {
  const composition = read('compose/compose.yaml')

  test('pins every image', () => {
    const images: string[] = Object.values<any>(composition.services).flatMap(({ image }) => image ?? [])

    expect(images).toHaveLength(2)
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/)
  })

  test('mounts files that there are, or that its manual says how to make', () => {
    const manual = readFileSync(join(OPS, 'compose/README.md'), 'utf8')
    const mounted = Object.values<any>(composition.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume: string) => volume.split(':')[0]!).filter((path: string) => path.startsWith('.')),
    )

    expect(mounted.length).toBeGreaterThan(3)
    for (const path of mounted) {
      const isThere = existsSync(join(OPS, 'compose', path))
      expect(isThere || manual.includes(`touch ${path.slice(2)}`), path).toBe(true)
    }
  })

  test('builds on a service that there is, and opens ports on this machine only', () => {
    const { extends: base } = composition.services.gatehouse
    const { services } = read(join('compose', base.file))

    expect(services).toHaveProperty(base.service)
    const ports = [composition, { services }].flatMap((one) =>
      Object.values<any>(one.services).flatMap(({ ports: own = [] }) => own),
    )
    expect(ports.length).toBeGreaterThan(2)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('lets Prometheus find the gateway, the rules and the token where they are mounted', () => {
    const { scrape_configs: scrapes, rule_files: files } = read('prometheus/prometheus.yml')
    const mounts: string[] = composition.services.prometheus.volumes.map((volume: string) => volume.split(':')[1])

    expect(mounts).toContain(scrapes[0].authorization.credentials_file)
    expect(mounts).toContain(join(dirname('/etc/prometheus/prometheus.yml'), files[0]))
    expect(Object.keys(composition.services)).toContain(scrapes[0].static_configs[0].targets[0].split(':')[0])
  })
})

test('every file of operations in YAML can be read', () => {
  const files = globSync('**/*.{yml,yaml}', { cwd: OPS })

  expect(files.length).toBeGreaterThan(5)
  for (const file of files) expect(read(file), file).toBeTypeOf('object')
})
