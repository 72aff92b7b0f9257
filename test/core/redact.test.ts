import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactJson } from '../../src/core/redact.ts'
import { REDACTED, redactText } from '../../src/core/secret-text.ts'

/** Letters and digits that no rule knows by their shape. */
const plainSecret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{11,23}$/).map((text) => `zq${text}`)

const secretName = fc.constantFrom(
  'password',
  'Password',
  'db_password',
  'newPassword',
  'passwd',
  'passphrase',
  'client_secret',
  'clientSecret',
  'token',
  'accessToken',
  'refresh_token',
  'Authorization',
  'X-Api-Key',
  'api_key',
  'apiKey',
  'Set-Cookie',
  'private_key',
  'privateKey',
  'aws_secret_access_key',
  'credentials',
  'sessionId',
  '_csrf',
)

const base62 = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9]{${length}}$`))

const shapedSecret = fc.oneof(
  base62(49).map((text) => `st_${text}`),
  base62(49).map((text) => `si_${text}`),
  fc.tuple(base62(20), base62(40), base62(43)).map(([a, b, c]) => `eyJ${a}.${b}.${c}`),
  base62(24).map((text) => `Bearer ${text}`),
  fc.stringMatching(/^[A-Z0-9]{16}$/).map((text) => `AKIA${text}`),
  base62(40).map((text) => `sk-proj-${text}`),
  base62(36).map((text) => `ghp_${text}`),
  base62(24).map((text) => `xoxb-${text}`),
  base62(48).map((text) => `-----BEGIN RSA PRIVATE KEY-----\n${text}\n-----END RSA PRIVATE KEY-----`),
  base62(20).map((text) => `postgres://admin:${text}@db.internal:5432/main`),
  base62(20).map((text) => `https://${text}@example.org/repo.git`),
)

/** Puts a value somewhere inside of other values, also inside JSON within a string. */
const nest = (value: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.constantFrom('field', 'list', 'text', 'mcp', 'sibling'), { maxLength: 6 }).map((layers) =>
    layers.reduce<unknown>((inner, layer) => {
      if (layer === 'field') return { outer: inner }
      if (layer === 'list') return [1, inner, null]
      if (layer === 'text') return JSON.stringify(inner)
      if (layer === 'mcp') return { content: [{ type: 'text', text: JSON.stringify(inner, null, 2) }], isError: false }
      return { before: 'x'.repeat(20), inner, after: true }
    }, value),
  )

/** What would betray a secret: its last part, without the words that every secret of its kind has. */
const core = (secret: string): string => /[A-Za-z0-9]{12,}(?!.*[A-Za-z0-9]{12,})/s.exec(secret.replace(/@.*|-----END.*/s, ''))![0]

describe('redaction', () => {
  test('lets no secret survive under a name that says so, in any nesting', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(secretName, plainSecret)
          .chain(([name, secret]) =>
            fc.tuple(
              fc.constant(secret),
              fc
                .constantFrom<unknown>(
                  { [name]: secret },
                  { [name]: [secret] },
                  { [name]: { value: secret } },
                  { headers: [{ name, value: secret }] },
                  [name, secret],
                  ['run', `--${name}`, secret],
                  `${name}=${secret}`,
                  `${name}: ${secret}`,
                  `export ${name}="${secret}"`,
                )
                .chain(nest),
            ),
          ),
        ([secret, value]) => {
          expect(redactJson(value)).not.toContain(secret)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('lets no text survive that looks like a secret, wherever it stands', () => {
    fc.assert(
      fc.property(
        shapedSecret.chain((secret) =>
          fc.tuple(
            fc.constant(secret),
            fc
              .constantFrom<unknown>(secret, `It is ${secret}.`, { note: secret }, { [secret]: 1 }, [[secret]], `a=1\n${secret}`)
              .chain(nest),
          ),
        ),
        ([secret, value]) => {
          expect(redactJson(value)).not.toContain(core(secret))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('lets no secret survive at the edge where a long text is cut', () => {
    fc.assert(
      fc.property(shapedSecret, fc.integer({ min: 0, max: 300 }), (secret, before) => {
        const cut = redactJson({ text: `${'. '.repeat(before)}${secret}${' .'.repeat(10_000)}` }, { maxChars: 300 })

        expect(cut).not.toContain(core(secret))
        expect(cut).not.toContain(core(secret).slice(0, 12))
        expect(cut.length).toBeLessThanOrEqual(300)
      }),
      { numRuns: 1_000 },
    )
  })

  test('lets no part of a secret survive that was cut in two before it could be recognised', () => {
    for (let chars = 4_300; chars < 4_420; chars += 1) {
      const text = `Bearer ${'a'.repeat(chars)} sk-proj-Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7${' .'.repeat(10_000)}`

      expect(redactJson({ text }, { maxChars: 300 })).not.toContain('Zq7')
    }
  })

  test('never throws, answers JSON, and keeps to its cap, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withTypedArray: true,
          maxDepth: 6,
        }),
        fc.integer({ min: 64, max: 2_000 }),
        (value, maxChars) => {
          const text = redactJson(value, { maxChars })

          expect(() => JSON.parse(text)).not.toThrow()
          expect(text.length).toBeLessThanOrEqual(maxChars)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('survives loops, traps and depth', () => {
    const loop: Record<string, unknown> = { token: 'zqhidden' }
    loop['self'] = loop
    const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 'zqdeep')
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })

    expect(redactJson(loop)).not.toContain('zqhidden')
    expect(JSON.parse(redactJson(deep))).toBeDefined()
    expect(JSON.parse(redactJson(trap))).toBeDefined()
    expect(JSON.parse(redactJson(JSON.parse('{"__proto__":{"password":"zqproto"}}')))).toEqual(
      JSON.parse(`{"__proto__":{"password":"${REDACTED}"}}`),
    )
  })

  test('leaves alone what is no secret', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
        fc.pre(
          !/pass|secret|token|auth|key|cookie|cred|session|csrf|jwt|s[ti]_|sk|pk|rk|\/\/|bearer|basic|[?&]/i.test(
            JSON.stringify(value),
          ),
        )

        expect(redactJson(value, { maxChars: 100_000 })).toBe(JSON.stringify(value))
      }),
    )
  })

  test('keeps counts and flags whose names only resemble secrets', () => {
    const usage = { max_tokens: 1_024, hasPassword: true, token_id: 7, tokens: null }

    expect(JSON.parse(redactJson(usage))).toEqual(usage)
    expect(redactText('max_tokens: 100, temperature=1')).toBe('max_tokens: 100, temperature=1')
  })

  test('hides numbers only under names of passwords', () => {
    expect(JSON.parse(redactJson({ password: 123_456, count: 5 }))).toEqual({ password: REDACTED, count: 5 })
  })

  test('hides fields that were declared secret, whatever they are called and hold', () => {
    const text = redactJson({ pin: 1234, note: 'zqnote', kept: 'yes' }, { secret: ['pin', 'note'] })

    expect(JSON.parse(text)).toEqual({ pin: REDACTED, note: REDACTED, kept: 'yes' })
  })

  test('keeps what stands around a secret in a text', () => {
    expect(redactText('psql postgres://app:hunter2hunter2@db/x -c "select 1"')).toBe(
      `psql postgres://${REDACTED}@db/x -c "select 1"`,
    )
    expect(redactText('Cookie: a=b; c=d\r\nAccept: */*')).toBe(`Cookie: ${REDACTED}\r\nAccept: */*`)
    expect(redactText('{"password":"a \\"quoted\\" one", "user":"ada"}')).toContain('"user":"ada"')
  })

  test('cuts a long answer and says how long it was', () => {
    const text = redactJson({ content: [{ type: 'text', text: 'lorem '.repeat(100_000) }] }, { maxChars: 1_000 })

    expect(text.length).toBeLessThanOrEqual(1_000)
    expect(text.length).toBeGreaterThan(700)
    expect(text).toContain('600000 characters')
  })

  test('takes no longer than linear time on hostile text', () => {
    const hostile = [
      'password'.repeat(20_000),
      `${'"'.repeat(100_000)}:`,
      `://${'a'.repeat(200_000)}`,
      `-----BEGIN ${'A '.repeat(50_000)}`,
      'eyJ'.repeat(50_000),
      '_eyJ'.repeat(300_000),
    ]
    for (const text of hostile) {
      const started = performance.now()
      redactText(text)
      expect(performance.now() - started).toBeLessThan(3_000)
    }
  })
})
