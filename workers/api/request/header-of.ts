import { Fault } from '../../../src/contract/fault.ts'
import { PLAIN_DELIMITERS } from './delimiters.ts'
import type { Given } from './given.ts'
import { isObject, itemsOf, membersOf, percentEncoded, textOf } from './text-of.ts'

/** A header parameter: its name in lower case, and its value. @throws Fault `invalid` for what no header can hold */
export function headerOf({ plan: { name, style, explode, argument }, value }: Given): [string, string] {
  const text = (style === 'json' ? plainJson(value) : joined(value, explode, PLAIN_DELIMITERS[style] ?? ',')).trim()
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
    throw new Fault(
      'invalid',
      `The value for ${argument} cannot stand in a header: line ends, control characters and other alphabets cannot.`,
      {
        details: [{ path: `/${argument}`, message: 'this cannot stand in a header' }],
      },
    )
  }
  return [name.toLowerCase(), text]
}

/** JSON can say every character in letters that a header takes. */
const plainJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A cookie parameter as `name=value`; everything that could end it is encoded. */
export function cookieOf({ plan: { name, style, explode }, value }: Given): string {
  if (style === 'json') return `${name}=${percentEncoded(JSON.stringify(value))}`
  if (Array.isArray(value) || isObject(value)) return `${name}=${joined(value, explode, ',', percentEncoded)}`
  return `${name}=${percentEncoded(textOf(value))}`
}

function joined(value: unknown, explode: boolean, delimiter: string, encode = (text: string): string => text): string {
  if (Array.isArray(value))
    return itemsOf(value)
      .map((each) => encode(textOf(each)))
      .join(delimiter)
  if (!isObject(value)) return encode(textOf(value))
  return membersOf(value)
    .map(([key, each]) => `${encode(key)}${explode ? '=' : ','}${encode(textOf(each))}`)
    .join(delimiter)
}
