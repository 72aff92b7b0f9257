import { createHash } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** One part of a split key, and what belongs to it. */
export interface Share {
  /** How many are needed. */
  readonly threshold: number
  /** How many were made. */
  readonly total: number
  /** Made together with all others of its set, 4 bytes. */
  readonly setId: Buffer
  /** Tells the key that comes out from another, and nothing of it; 8 bytes. */
  readonly keyId: Buffer
  readonly bytes: Buffer
}

const VERSION = 1
const HEAD_BYTES = 15
const CHECK_BYTES = 4
/** Crockford's Base32: no letter that looks like a digit. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = /.{1,5}/g

const checkOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES)

/** A share as it is written on paper: groups of five letters and digits, with a checksum in it. */
export function shareText({ threshold, total, setId, keyId, bytes }: Share): string {
  const body = Buffer.concat([Buffer.from([VERSION, threshold, total]), setId, keyId, bytes])
  return toBase32(Buffer.concat([body, checkOf(body)]))
    .match(GROUP)!
    .join('-')
}

/** @param place what to call it where it cannot be read: `share 2` @throws Refusal */
export function readShare(text: string, place: string): Share {
  const all = fromBase32(text, place)
  const body = all.subarray(0, -CHECK_BYTES)
  if (body.length <= HEAD_BYTES || !checkOf(body).equals(all.subarray(-CHECK_BYTES)))
    throw new Refusal(`The checksum of ${place} does not fit: a letter of it is wrong or missing. Read it again from the paper.`)
  if (body[0] !== VERSION) throw new Refusal(`${place} was made by a newer Gatehouse than this. Use that one.`)
  return {
    threshold: body[1]!,
    total: body[2]!,
    setId: body.subarray(3, 7),
    keyId: body.subarray(7, HEAD_BYTES),
    bytes: body.subarray(HEAD_BYTES),
  }
}

function toBase32(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    for (; bits >= 5; bits -= 5) text += DIGITS[(value >>> (bits - 5)) & 31]
    value &= 0xff
  }
  return bits > 0 ? text + DIGITS[(value << (5 - bits)) & 31] : text
}

function fromBase32(text: string, place: string): Buffer {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const char of text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')) {
    const digit = DIGITS.indexOf(char)
    if (digit < 0) throw new Refusal(`${place} holds the character ${char}, which no share has. Read it again from the paper.`)
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >>> bits) & 0xff)
  }
  return Buffer.from(bytes)
}
