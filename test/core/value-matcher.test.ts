import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { valueForms } from '../../src/core/value/value-forms.ts'
import { ValueMatcher } from '../../src/core/value/value-matcher.ts'

const MARK = '[redacted]'

/** The same by trying every pattern at every place. */
function replaceSlowly(patterns: readonly string[], text: string): string {
  const covered = new Uint8Array(text.length + 1)
  const joined = new Uint8Array(text.length + 1)
  for (const pattern of patterns) {
    for (let at = text.indexOf(pattern); at !== -1; at = text.indexOf(pattern, at + 1)) {
      covered.fill(1, at, at + pattern.length)
      // Between two characters of one find there is no border.
      joined.fill(1, at + 1, at + pattern.length)
    }
  }
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (!covered[at]) out += text[at]
    else if (!joined[at]) out += MARK
  }
  return out
}

const letters = fc.constantFrom('a', 'b', 'c')
const word = fc.array(letters, { minLength: 8, maxLength: 14 }).map((chars) => chars.join(''))

test('finds what a slow search finds, overlaps included', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.array(letters, { maxLength: 200 }), (patterns, chars) => {
      const text = chars.join('')

      expect(new ValueMatcher(patterns).replace(text)).toBe(replaceSlowly(patterns, text))
    }),
    { numRuns: 2_000 },
  )
})

test('one that grew finds what one that was built finds', () => {
  fc.assert(
    fc.property(fc.array(word), fc.array(word), fc.array(word), (first, later, around) => {
      const text = [...first, ...around, ...later].join(' ')
      const grown = new ValueMatcher(first)
      for (const pattern of later) grown.add(pattern)

      expect(grown.replace(text)).toBe(new ValueMatcher([...first, ...later]).replace(text))
    }),
  )
})

test('one that shrank finds what one finds that never held what was taken away', () => {
  fc.assert(
    fc.property(fc.array(word), fc.array(word), fc.array(word), (kept, gone, around) => {
      const text = [...kept, ...around, ...gone].join(' ')
      const shrunk = new ValueMatcher([...gone, ...kept])
      for (const pattern of gone) shrunk.delete(pattern)

      expect(shrunk.replace(text)).toBe(new ValueMatcher(kept).replace(text))
    }),
  )
})

describe('a value is found in every form that it takes on its way', () => {
  const VALUES = [
    'plain-value-1234',
    'with "quotes" & <tags> \\ and\nlines',
    'ключ-с-юникодом-🔑',
    'a+b/c=d e%f',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n',
    '12345678',
  ]
  const html = (text: string): string =>
    text.replace(
      /[&<>"'`=]/g,
      (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;', '`': '&#x60;', '=': '&#x3D;' })[char]!,
    )
  const FORMS: Readonly<Record<string, (value: string) => string>> = {
    itself: (value) => `before ${value} after`,
    'JSON in JSON': (value) => JSON.stringify({ text: JSON.stringify({ value }) }),
    JSON: (value) => JSON.stringify({ value }),
    URL: (value) => `https://example.com/?key=${encodeURIComponent(value)}&x=1`,
    form: (value) => new URLSearchParams({ key: value }).toString(),
    page: (value) => `<p>${html(value)}</p>`,
    Base64: (value) => Buffer.from(value).toString('base64'),
    'Base64 of credentials': (value) => Buffer.from(`user:${value}`).toString('base64'),
    'Base64 in the middle': (value) => Buffer.from(`u:${value}!!`).toString('base64url'),
  }

  test.each(VALUES.flatMap((value) => Object.keys(FORMS).map((form) => [form, value] as const)))('%s of %j', (form, value) => {
    const matcher = new ValueMatcher(valueForms(value))
    const text = FORMS[form]!(value)

    expect(matcher.occursIn(text)).toBe(true)
    expect(matcher.replace(text)).toContain(MARK)
    expect(matcher.occursIn(matcher.replace(text))).toBe(false)
  })
})

test.each([
  ['XML', '&lt;a&amp;b=c"d\'e>f'.replace('>', '&gt;')],
  ['a page of PHP or Go', '&lt;a&amp;b=c&quot;d&#39;e&gt;f'],
  ['our own pages', '&lt;a&amp;b&#x3D;c&quot;d&#x27;e&gt;f'],
])('a value is found as it is escaped in %s', (_, escaped) => {
  const matcher = new ValueMatcher(valueForms('<a&b=c"d\'e>f'), MARK)

  expect(matcher.replace(`1 ${escaped} 2`)).toBe(`1 ${MARK} 2`)
})
