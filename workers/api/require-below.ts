import { Fault } from '../../src/contract/fault.ts'

/**
 * Make sure that an address lies below the one that was registered: a parser of URLs resolves dots, written out or as `%2e`.
 *
 * @returns the address as it will be sent
 * @throws Fault `invalid`
 */
export function requireBelow(serverUrl: string, address: string): string {
  const base = URL.parse(serverUrl)
  const url = URL.parse(address)
  if (base !== null && url !== null && isBelow(url, base)) return url.href
  throw new Fault('invalid', 'The path leads away from the API. Write it as the API does, without dots that go up.')
}

function isBelow(url: URL, base: URL): boolean {
  const path = base.pathname.replace(/\/+$/, '')
  const isOwn = url.pathname === path || url.pathname.startsWith(`${path}/`)
  return isOwn && url.origin === base.origin && url.username === base.username && url.password === base.password
}
