import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Fault } from '../../contract/fault.ts'
import { judgeAddress, type Passage } from './judge-url.ts'

/** One address that a name stands for. */
interface FoundAddress {
  readonly address: string
  readonly family: number
}

/** Looks a name up: all of its addresses. */
export type Resolver = (hostname: string, answer: (error: Error | null, found: readonly FoundAddress[]) => void) => void

/** The system's own resolver, hosts file included. */
export const systemResolver: Resolver = (hostname, answer) =>
  systemLookup(hostname, { all: true, verbatim: true }, (error, found) => answer(error, found ?? []))

/**
 * The lookup of one connection: what it answers is what is connected to, so a name that changes its mind afterwards changes nothing. Addresses
 * that may not be reached are left out; where none is left, the connection fails with the Fault `blocked`.
 */
export function guardedLookup(passage: Passage, resolve: Resolver): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, found) => {
      if (error) return callback(error, '', 0)
      const { allowed, refusal } = sift(passage, found)
      const first = allowed[0]
      if (!first) return callback(refusal ?? new Fault('unavailable', `${hostname} stands for no address.`), '', 0)
      if (options.all) callback(null, allowed as never)
      else callback(null, first.address, first.family)
    })
  }
}

function sift(passage: Passage, found: readonly FoundAddress[]): { allowed: FoundAddress[]; refusal: Fault | undefined } {
  const allowed: FoundAddress[] = []
  let refusal: Fault | undefined
  for (const one of found) {
    try {
      judgeAddress(passage, one.address)
      allowed.push(one)
    } catch (thrown) {
      refusal = Fault.from(thrown)
    }
  }
  return { allowed, refusal }
}
