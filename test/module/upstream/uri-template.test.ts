import { describe, expect, it } from 'vitest'
import { readTemplate } from '../../../src/module/upstream/uri-template.ts'

describe('a URI', () => {
  it.each([
    ['a:{id}', 'a:7', true],
    ['a:{id}', 'a:', true],
    ['a:{id}', 'b:7', false],
    ['a:{id}/data', 'a:7/data', true],
    ['a:{id}/data', 'a:7/date', false],
    ['a:{x}/m/{y}/z', 'a:1/m/2/z', true],
    ['a:{x}/m/{y}/z', 'a:1/n/2/z', false],
    ['a:{x}b{y}b', 'a:b', false],
    ['a:{?q,r*}', 'a:?q=1&r=2', true],
    ['a:plain', 'a:plain', true],
    ['a:plain', 'a:plain/more', false],
    ['a:(x+)+{y}$', 'a:(x+)+1$', true],
  ])('by the template %s: %s → %s', (template, uri, fits) => {
    expect(readTemplate(template).fits(uri)).toBe(fits)
  })

  it('is judged at once, however hostile the template', () => {
    const template = `a:${'{x}a{y}'.repeat(500)}b`
    const startedAt = performance.now()

    expect(readTemplate(template).fits(`a:${'a'.repeat(8_000)}c`)).toBe(false)
    expect(readTemplate(template).fits(`a:${'a'.repeat(8_000)}b`)).toBe(true)

    expect(performance.now() - startedAt).toBeLessThan(200)
  })
})

it('a template that says more is the likelier one', () => {
  expect(readTemplate('a:long/{id}').literalChars).toBeGreaterThan(readTemplate('a:{id}').literalChars)
})
