import { BlockList, isIP } from 'node:net'

/** Where an address lies. `metadata`: where clouds hand out the credentials of the machine itself. */
type AddressKind = 'public' | 'loopback' | 'private' | 'link-local' | 'shared' | 'metadata' | 'multicast' | 'reserved'

/** What may never be reached, whatever is configured. */
export const NEVER: ReadonlySet<AddressKind> = new Set(['metadata', 'multicast', 'reserved'])

/**
 * Address ranges by kind; the first that fits decides.
 *
 * IANA special-purpose registries (RFC 6890), and where AWS (also of containers), Azure, Alibaba and Oracle answer for metadata.
 */
const RANGES: readonly (readonly [AddressKind, readonly string[]])[] = [
  ['metadata', ['169.254.169.254/32', '169.254.170.2/32', '169.254.170.23/32', '168.63.129.16/32', '100.100.100.200/32']],
  ['metadata', ['192.0.0.192/32', 'fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']],
  ['shared', ['100.64.0.0/10']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['reserved', ['0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24']],
  ['reserved', ['203.0.113.0/24', '240.0.0.0/4', '::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '100::/64', '2001::/23']],
  ['reserved', ['2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16']],
]

/** Within each, the last 32 bits are an IPv4 address: mapped (RFC 4291) and translated (RFC 6052). */
const CARRIES_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96']

const lists = RANGES.map(([kind, ranges]) => ({ kind, list: listOf(ranges) }))
const carriers = listOf(CARRIES_IPV4)

/** Say where an address lies; what cannot be read as one is `reserved`. */
export function addressKind(address: string): AddressKind {
  const bare = address.split('%', 1)[0]!
  const family = isIP(bare)
  if (family === 0) return 'reserved'
  if (family === 6 && carriers.check(bare, 'ipv6')) return addressKind(lastFour(bare))
  return lists.find(({ list }) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4'))?.kind ?? 'public'
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits] = range.split('/')
    list.addSubnet(net, Number(bits), isIP(net) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** The URL parser writes the last 32 bits as two groups of hex digits, whichever way they came. */
function lastFour(address: string): string {
  const host = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [high = '0', low = '0'] = host.split(':').slice(-2)
  const bits = [high || '0', low || '0'].map((group) => Number.parseInt(group, 16))
  return bits.flatMap((group) => [group >> 8, group & 255]).join('.')
}
