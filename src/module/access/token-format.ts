import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_BYTES = 32
/** 62^43 > 2^256, so 32 bytes always fit. */
const SECRET_DIGITS = 43
/** 62^6 > 2^32: room for a CRC-32. */
const CHECK_DIGITS = 6
const BODY = new RegExp(`^[0-9A-Za-z]{${SECRET_DIGITS + CHECK_DIGITS}}$`)

/** `st`: a sub-token. `si`: an invitation. */
export type TokenPrefix = 'st' | 'si'

/** A fresh secret: prefix, 32 random bytes in base62, and a checksum by which a garbled one is told from an unknown one. */
export function newToken(prefix: TokenPrefix): string {
  const body = `${prefix}_${toBase62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_DIGITS)}`
  return body + checksum(body)
}

/** Whether a text could be a token of ours: right prefix, length, alphabet and checksum. Says nothing about whether it exists. */
export function isWellFormedToken(text: string, prefix: TokenPrefix): boolean {
  if (text.length !== prefix.length + 1 + SECRET_DIGITS + CHECK_DIGITS) return false
  if (!text.startsWith(`${prefix}_`) || !BODY.test(text.slice(prefix.length + 1))) return false
  return checksum(text.slice(0, -CHECK_DIGITS)) === text.slice(-CHECK_DIGITS)
}

/** A random text of letters and digits, for generated passwords; each character carries 5.95 bits. */
export function randomText(length: number): string {
  return toBase62(BigInt(`0x${randomBytes(length).toString('hex')}`), length + length).slice(-length)
}

const checksum = (body: string): string => toBase62(BigInt(crc32(body)), CHECK_DIGITS)

function toBase62(value: bigint, digits: number): string {
  let rest = value
  let text = ''
  for (let i = 0; i < digits; i += 1) {
    text = DIGITS[Number(rest % 62n)]! + text
    rest /= 62n
  }
  return text
}
