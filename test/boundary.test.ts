import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What each folder may import besides itself. A folder that is not listed may not exist. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/contract': [],
  queue: ['src/contract', 'src/core/churn'],
  'src/core/churn': [],
  'src/core/schema': ['src/contract'],
  'src/core/egress': ['src/contract'],
  'src/core/value': ['src/contract'],
  'src/supervisor': ['src/contract'],
  'src/core': ['src/contract', 'src/core/churn', 'src/core/schema', 'src/core/egress', 'src/core/value', 'queue'],
  'src/mcp': ['src/contract', 'src/core/churn', 'src/core/egress'],
  'src/config': ['src/contract', 'src/core'],
  'src/module': ['src/contract', 'queue', 'src/core', 'src/core/churn', 'src/core/schema', 'src/core/egress', 'src/mcp'],
  'src/transport': ['src/contract', 'queue', 'src/core', 'src/core/churn', 'src/mcp'],
  'src/cli': ['src/contract', 'queue', 'src/core', 'src/mcp', 'src/config', 'src/module', 'src/transport', 'src/supervisor'],
  'src/main.ts': ['src/contract', 'src/core', 'src/config', 'src/cli'],
  workers: ['src/contract', 'src/core/churn', 'src/core/schema', 'src/core/egress', 'src/core/value', 'queue'],
}

const files = globSync('{src,queue,workers}/**/*.ts', { cwd: ROOT })

/** They stand on the contract alone, so that workers may use them too. */
const SHARED = ['src/core/churn', 'src/core/schema', 'src/core/egress', 'src/core/value']

const folderOf = (path: string): string => {
  const shared = SHARED.find((folder) => path.startsWith(`${folder}/`))
  if (shared !== undefined) return shared
  return path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0]!
}
const moduleOf = (path: string): string | undefined => /^src\/module\/([^/]+)\//.exec(path)?.[1]

function importsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) => target!)
  return targets.map((target) => relative(ROOT, join(ROOT, dirname(path), target)))
}

test('there are files to look at in every layer of the front', () => {
  for (const folder of ['src/contract', 'src/core', 'src/mcp', 'src/module', 'src/transport', 'src/cli']) {
    expect(files.filter((path) => folderOf(path) === folder).length, folder).toBeGreaterThan(3)
  }
})

test('imports are found in the files, so that the rules below judge something', () => {
  expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length)
})

test('every file lies in a folder that the plan of the house knows', () => {
  expect(files.filter((path) => !(folderOf(path) in MAY_IMPORT))).toEqual([])
})

test('imports run one way', () => {
  const wrong = files.flatMap((path) => {
    const allowed = [folderOf(path), ...(MAY_IMPORT[folderOf(path)] ?? [])]
    return importsOf(path)
      .filter((target) => !allowed.includes(folderOf(target)))
      .map((target) => `${path} → ${target}`)
  })

  expect(wrong).toEqual([])
})

test('modules do not know each other', () => {
  const wrong = files.flatMap((path) => {
    const own = moduleOf(path)
    return importsOf(path)
      .filter((target) => own !== undefined && moduleOf(target) !== undefined && moduleOf(target) !== own)
      .map((target) => `${path} → ${target}`)
  })

  expect(wrong).toEqual([])
})

/** What a file loads when it is run: itself and all that it imports, but for types and for what it loads later. */
function loadedBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen
  seen.add(path)
  const text = readFileSync(join(ROOT, path), 'utf8')
  for (const [, target] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm)) {
    loadedBy(relative(ROOT, join(ROOT, dirname(path), target!)), seen)
  }
  return seen
}

test('a worker loads no module of the front and no database', () => {
  const loaded = [...loadedBy('src/cli/worker.ts')]

  expect(loaded).toContain('queue/pool/lane-pool.ts')
  expect(loaded.filter((path) => /^src\/(?:module|transport|mcp)\/|database|ledger\/sqlite/.test(path))).toEqual([])
})
