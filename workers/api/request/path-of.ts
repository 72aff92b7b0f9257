import { Fault } from '../../../src/contract/fault.ts'
import { DELIMITERS } from './delimiters.ts'
import type { Given } from './given.ts'
import { isObject, itemsOf, membersOf, percentEncoded, textOf } from './text-of.ts'

/** A path with its parameters filled in (RFC 6570: `{x}`, `{.x}`, `{;x}`). @throws Fault `invalid` where it would become another path */
export function pathOf(template: string, given: readonly Given[]): string {
  const values = new Map(given.map((each) => [each.plan.name, each]))
  const path = template.replace(/\{([^}]*)\}/g, (_, name: string) => {
    const each = values.get(name)
    if (!each)
      throw new Fault('invalid', `The path needs a value for ${name}.`, {
        details: [{ path: '', message: `${name} is missing` }],
      })
    return written(each)
  })
  requireSamePath(template, path)
  return path
}

function written({ plan: { name, style, explode }, value }: Given): string {
  if (style === 'json') return percentEncoded(JSON.stringify(value))
  if (style === 'matrix') return matrix(percentEncoded(name), value, explode)
  if (style === 'label') return `.${joined(value, explode, explode ? '.' : ',')}`
  return joined(value, explode, DELIMITERS[style] ?? ',')
}

function joined(value: unknown, explode: boolean, delimiter: string): string {
  if (Array.isArray(value)) return itemsOf(value).map(encoded).join(delimiter)
  if (!isObject(value)) return encoded(value)
  return membersOf(value)
    .map(([key, each]) => `${percentEncoded(key)}${explode ? '=' : ','}${encoded(each)}`)
    .join(delimiter)
}

const encoded = (value: unknown): string => percentEncoded(textOf(value))

function matrix(name: string, value: unknown, explode: boolean): string {
  const pair = (key: string, text: string): string => (text === '' ? `;${key}` : `;${key}=${text}`)
  if (!explode || (!Array.isArray(value) && !isObject(value))) return pair(name, joined(value, false, ','))
  if (Array.isArray(value))
    return itemsOf(value)
      .map((each) => pair(name, encoded(each)))
      .join('')
  return membersOf(value)
    .map(([key, each]) => pair(percentEncoded(key), encoded(each)))
    .join('')
}

/**
 * `.` and `..` lead elsewhere even when they are encoded, and so may an empty segment; also behind an encoded slash, which is data
 * (RFC 3986, 2.2), but not to proxies that decode a path before they tidy it up.
 */
function requireSamePath(template: string, path: string): void {
  const before = template.split('/')
  const after = path.split('/')
  after.forEach((segment, index) => {
    const steps = segment.split(/%2f|%5c/i)
    const isUnsafe = steps.some((step) => /^(?:\.|%2e){1,2}$/i.test(step)) || (segment === '' && before[index] !== '')
    if (isUnsafe)
      throw new Fault('invalid', `The value for ${before[index]} would lead to another path: it must not be empty, . or .. here.`)
  })
}
