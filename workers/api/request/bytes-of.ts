import { Fault } from '../../../src/contract/fault.ts'
import { isObject } from './text-of.ts'

/** Bytes that were given in base64: as a text, or as the `base64` of a file. @throws Fault `invalid` when they are not */
export function bytesOf(value: unknown, argument: string): Uint8Array {
  const text = isObject(value) ? value['base64'] : value
  const isRight = typeof text === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(text.replace(/[\r\n]/g, ''))
  if (isRight) return Buffer.from(text, 'base64')
  const message = 'bytes in base64 were expected'
  throw new Fault('invalid', `${argument}: ${message}.`, { details: [{ path: `/${argument}`, message }] })
}
