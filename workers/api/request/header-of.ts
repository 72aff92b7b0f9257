import { Fault } from '../../../src/contract/fault.ts'
import type { Given } from './given.ts'
import { isObject, itemsOf, membersOf, percentEncoded, textOf } from './text-of.ts'

const DELIMITERS: Readonly<Record<string, string>> = { spaceDelimited: ' ', tabDelimited: '\t', pipeDelimited: '|' }

/** A header parameter: its name in lower case, and its value. @throws Fault `invalid` for what no header can hold */
export function headerOf({ plan: { name, style, explode, argument }, value }: Given): [string, string] {
  const text = (style === 'json' ? JSON.stringify(value) : joined(value, explode, DELIMITERS[style] ?? ',')).trim()
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
