import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modules } from '../src/module/index.ts'

const MANUALS = join(import.meta.dirname, '../asset/manuals')

const textOf = (module: string): string =>
  ['mcp', 'rest']
    .map((kind) => join(MANUALS, `${module}-${kind}.md`))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')

const operationsOf = (module: string): string[] =>
  Object.keys(modules.find(({ name }) => name === module)?.operations ?? {}).map((key) => `${module}_${key}`)

test('there are modules to write about', () => {
  expect(modules.flatMap(({ name }) => operationsOf(name)).length).toBeGreaterThan(10)
})

describe.each(modules.map(({ name }) => name))('the manuals of %s', (module) => {
  test('mention every operation', () => {
    const text = textOf(module)

    expect(operationsOf(module).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })

  test('mention no operation that does not exist', () => {
    const mentioned = [...textOf(module).matchAll(new RegExp(`\`(${module}_[a-z_]+)\``, 'g'))].map(([, name]) => name!)

    expect(mentioned.filter((name) => !operationsOf(module).includes(name))).toEqual([])
  })
})

test('every route that a REST manual names is declared', () => {
  const declared = new Set<string>(modules.flatMap(({ operations }) => Object.values(operations).map(({ route }) => route)))
  const named = globSync('*-rest.md', { cwd: MANUALS }).flatMap((file) =>
    [...readFileSync(join(MANUALS, file), 'utf8').matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`\s?]*)`/g)].map(
      ([, route]) => route!,
    ),
  )

  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((route) => !declared.has(route) && !route.includes('/api/'))).toEqual([])
})

test('every manual belongs to a module', () => {
  const known = new Set(modules.flatMap(({ name }) => [`${name}-mcp.md`, `${name}-rest.md`]))

  expect(globSync('*-{mcp,rest}.md', { cwd: MANUALS }).filter((file) => !known.has(file))).toEqual([])
})
