import { isIP } from 'node:net'
import type { EgressRules } from '../../contract/egress.ts'
import { Fault } from '../../contract/fault.ts'
import { addressKind, NEVER } from './address-kind.ts'

/** How strictly an address is judged. `any`: whoever wrote it down was allowed to decide; metadata is refused all the same. */
export type EgressScope = 'guarded' | 'any'

/** What an origin may do, before its name was looked up. */
export interface Passage {
  /** As people write it, for sentences. */
  readonly host: string
  /** Its addresses may lie inside. */
  readonly inside: boolean
}

/** What of a URL decides. */
type Destination = Pick<URL, 'protocol' | 'hostname' | 'port'>

/**
 * Judge where a request goes by what its URL says: scheme, port, and the address where it is written out. What a name stands for is judged by
 * `judgeAddress`, once it was looked up.
 *
 * @throws Fault `blocked`
 */
export function judgeUrl(rules: EgressRules, url: Destination, scope: EgressScope = 'guarded'): Passage {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const named = rules.allow.filter((one) => isNamed(one.host, host))
  const open = scope === 'any'
  const passage = { host, inside: open || named.length > 0 }
  const isAddress = isIP(host) !== 0
  // First, so that nobody is told of a setting that would not help.
  if (isAddress && NEVER.has(addressKind(host))) judgeAddress(passage, host)
  if (url.protocol !== 'https:') requireHttp(url.protocol, host, open || named.some(({ http }) => http))
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (!open) requirePort(rules, named, port, host, url.protocol)
  if (isAddress) judgeAddress(passage, host)
  return passage
}

/** Judge an address that a name stands for. @throws Fault `blocked` */
export function judgeAddress({ host, inside }: Passage, address: string): void {
  const kind = addressKind(address)
  if (kind === 'public' || (inside && !NEVER.has(kind))) return
  const what = host === address ? `${host} is a ${kind} address` : `${host} stands for ${address}, a ${kind} address`
  const way = NEVER.has(kind) ? 'No setting allows that.' : `An [[egress.allow]] with host = "${host}" would allow it.`
  throw new Fault('blocked', `${what}, which the gateway does not reach. ${way}`)
}

function requireHttp(protocol: string, host: string, allowed: boolean): void {
  if (protocol !== 'http:')
    throw new Fault('blocked', `The gateway speaks HTTPS, not ${protocol.slice(0, 20)} Use an address that begins with https://.`)
  if (allowed) return
  throw new Fault(
    'blocked',
    `${host} would be reached over plain HTTP, which everybody on the way can read. Use https://; an [[egress.allow]] with host = "${host}" and http = true would allow it.`,
  )
}

function requirePort(rules: EgressRules, named: EgressRules['allow'], port: number, host: string, protocol: string): void {
  const usual = protocol === 'https:' ? port === 443 : port === 80
  const allowed = named.some(({ ports }) => ports === 'any' || ports.includes(port))
  if (usual || allowed || rules.ports.includes(port)) return
  throw new Fault(
    'blocked',
    `Port ${port} of ${host} is not one that the gateway reaches. Use port 443; an [[egress.allow]] with host = "${host}" and ports = [${port}] would allow it.`,
  )
}

const isNamed = (rule: string, host: string): boolean =>
  rule.startsWith('*.') ? host.endsWith(rule.slice(1)) && isIP(host) === 0 : rule === host.replace(/\.$/, '')
