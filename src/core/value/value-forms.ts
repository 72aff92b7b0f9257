import { WINDOW_CHARS } from './value-matcher.ts'

/** Characters that handlebars escapes in pages, and how. */
const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
}

/** What others escape in their pages and in XML: as little as they must, or quotes as well. */
const MARKUP = [/[&<>]/g, /[&<>"]/g, /[&<>"']/g]
const COMMON: Readonly<Record<string, string>> = { ...HTML, "'": '&#39;' }

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/**
 * The texts that a value becomes on its way: itself, as JSON (once and twice), all of these on a page, in markup of others, as part of a URL, of a form and of Base64.
 *
 * Forms that are too short to be searched for are left out.
 */
export function valueForms(value: string): string[] {
  const json = inJson(value)
  // Some writers of JSON escape more than they have to: PHP the slash, Go what a page would take for a tag.
  const guarded = [json.replaceAll('/', '\\/'), json.replaceAll(/[<>&]/g, unicodeEscape)]
  const url = encodeUrl(value)
  const forms = [
    ...[value, json, inJson(json)].flatMap((text) => [text, inHtml(text)]),
    ...guarded,
    ...MARKUP.map((chars) => value.replaceAll(chars, (char) => COMMON[char]!)),
    url,
    url.replaceAll('%20', '+'),
    url.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
    new URLSearchParams([['', value]]).toString().slice(1),
    ...[0, 1, 2].flatMap((before) => inBase64(value, before)),
  ]
  return [...new Set(forms)].filter((form) => form.length >= WINDOW_CHARS)
}

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

const inHtml = (text: string): string => text.replaceAll(/[&<>"'`=]/g, (char) => HTML[char]!)

/** Lone surrogates are no text that a URL can hold. */
const encodeUrl = (value: string): string => encodeURIComponent(value.toWellFormed())

/** What of its Base64 (RFC 4648) stays the same whatever stands before (`before` bytes more than a multiple of three) and behind it. */
function inBase64(value: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value, 'utf8')])
  const whole = bytes.toString('base64').replaceAll('=', '')
  const first = Math.ceil((before * 8) / 6)
  const stable = whole.slice(first, Math.floor((bytes.length * 8) / 6))
  return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')]
}
