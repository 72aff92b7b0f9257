import { knownValues } from './known-values.ts'

/** What stands where a secret stood. */
export const REDACTED = '[redacted]'

/** Names of fields that hold secrets. One source for field names, for `name=value` in texts and for the quick test, so that they cannot disagree. */
const NAME =
  'pass[-_. ]?(?:word|wd|phrase|code)|pwd|secret|token|authori[sz]ation|api[-_. ]?key|(?:access|private|signing|encryption|client|master|service|account|subscription)[-_. ]?key|cookie|credential|session[-_. ]?id|csrf|xsrf|jwt'

/** Texts that are secret wherever they stand, by the shapes that their issuers publish. */
const SHAPES = [
  // This gateway's own sub-tokens and invitations.
  's[ti]_[A-Za-z0-9]{20,}',
  // JSON Web Token (RFC 7519). Looks for the dot once per run of letters, or a run of nothing but beginnings would take its length squared.
  '(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]{11,}\\.[A-Za-z0-9_-]{8})[A-Za-z0-9_-]*?(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){0,3}',
  '\\b(?:sk|rk|pk)[-_](?:live_|test_|ant-|proj-)?[A-Za-z0-9_-]{16,}',
  '\\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}',
  '\\bgh[pousr]_[A-Za-z0-9]{20,}',
  '\\bgithub_pat_[A-Za-z0-9_]{20,}',
  '\\bglpat-[A-Za-z0-9_-]{16,}',
  '\\bnpm_[A-Za-z0-9]{30,}',
  '\\bxox[abeoprs]-[A-Za-z0-9-]{10,}',
  '\\bAIza[A-Za-z0-9_-]{30,}',
  '\\$argon2[a-z]{1,2}\\$[^\\s"\']+',
  '\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}',
  // RFC 7468; without its end where the text was cut.
  '-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----[\\s\\S]*?(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----|$)',
].join('|')

/** An authentication scheme and its credentials (RFC 9110, section 11.4). */
const SCHEME = /\b(Bearer|Basic(?=\s+[\w+/]*[\d=]))\s+[\w.~+/=-]{8,}/gi
/** User information of a URL (RFC 3986, section 3.2.1); the slashes may be escaped. */
const USER_INFO = /(:\\?\/\\?\/)[^\s/?#@"'\\]{1,512}@/g
/** Query parameters that sign or open something and whose names say nothing elsewhere. */
const QUERY = /([?&](?:key|sig|signature|code|x-amz-signature|x-goog-signature)=)[^&\s"'\\#]+/gi
const SHAPE = new RegExp(SHAPES, 'g')
/** `password: "…"`, `API_KEY=…`, also within escaped JSON; cookies run to the end of the line. */
const PAIR = new RegExp(
  `((?:${NAME})[\\w.-]{0,64})(\\\\*["']?\\s{0,8}(?::|=>?)\\s{0,8})(\\\\*"[^"\\r\\n]*"?|\\\\*'[^'\\r\\n]*'?|(?:(?:bearer|basic|digest|token|negotiate)\\s+)?[^\\s"'\\\\,;&<>)}\\]]+)`,
  'gi',
)
const COOKIE = /(\b(?:set-)?cookie\\*["']?\s{0,8}:\s{0,8}\\*["']?)[^\r\n"\\]+/gi

const NAMED = new RegExp(NAME, 'i')
const QUICK = new RegExp(
  `${NAME}|\\bauth\\\\*["']|s[ti]_|eyJ|[srp]k[-_]|AKIA|ASIA|AGPA|AIDA|AROA|ANPA|gh[pousr]_|github_pat|glpat|npm_|xox|AIza|\\$argon2|\\$2[aby]|PRIVATE KEY|bearer|basic\\s|:\\\\?/\\\\?/[^\\s/?#@"'\\\\]{1,512}@|[?&](?:key|sig|signature|code|x-amz|x-goog)`,
  'i',
)

/**
 * Whether a field is secret by its name.
 *
 * Booleans and null are not (`hasPassword: true`), and numbers only under names of passwords and secrets (`max_tokens: 100` is none).
 */
export function isSecretField(name: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false
  if (typeof value === 'number') return /pass|pwd|secret/i.test(name)
  return NAMED.test(name) || (typeof value === 'string' && /^auth$/i.test(name))
}

/** Whether a text may hold a secret: one regular expression and one pass for known values, so that most texts need no closer look. */
export const hasSecretText = (text: string): boolean => QUICK.test(text) || knownValues.occurIn(text)

/** Replace what looks like a secret within a text, and what is known to be one. */
export function redactText(text: string): string {
  if (!hasSecretText(text)) return text
  return knownValues
    .scrub(text)
    .replace(SHAPE, REDACTED)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(COOKIE, `$1${REDACTED}`)
    .replace(PAIR, hidePair)
    .replace(SCHEME, `$1 ${REDACTED}`)
    .replace(QUERY, `$1${REDACTED}`)
}

function hidePair(pair: string, name: string, separator: string, value: string): string {
  if (value.includes(REDACTED)) return pair
  const bare = value.replace(/^[\\"']+|[\\"']+$/g, '')
  if (bare === '' || /^(?:true|false|null|undefined|\[redacted)$/.test(bare)) return pair
  if (/^\d+(?:\.\d+)?$/.test(bare) && !isSecretField(name, 0)) return pair
  const quote = /^\\*["']/.exec(value)?.[0] ?? ''
  const closed = quote !== '' && value.length > quote.length && value.endsWith(quote.slice(-1))
  return `${name}${separator}${quote}${REDACTED}${closed ? quote : ''}`
}
