import { describe, expect, it } from 'vitest'
import { egressSettings } from '../../../src/contract/egress.ts'
import type { Fault } from '../../../src/contract/fault.ts'
import { addressKind } from '../../../src/core/egress/address-kind.ts'
import { judgeAddress, judgeUrl } from '../../../src/core/egress/judge-url.ts'

const rules = (settings: object = {}) => egressSettings.parse(settings)
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'allowed'
  } catch (thrown) {
    return (thrown as Fault).code
  }
}

describe('where an address lies', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['10.255.0.1', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['fd12::1', 'private'],
    ['100.64.0.1', 'shared'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:a9fe:a9fe', 'metadata'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['FD00:0EC2:0:0:0:0:0:254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'reserved'],
    ['::127.0.0.1', 'reserved'],
    ['2002:7f00:1::', 'reserved'],
    ['localhost', 'reserved'],
  ])('says that %s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind)
  })
})

describe('the guard of what leaves', () => {
  it.each(['https://example.org/', 'https://example.org:443/a?b', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])(
    'lets %s pass',
    (url) => {
      expect(codeOf(() => judgeUrl(rules(), new URL(url)))).toBe('allowed')
    },
  )

  it.each([
    'http://example.org/',
    'https://example.org:8443/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://0/',
  ])('stops %s', (url) => {
    expect(codeOf(() => judgeUrl(rules(), new URL(url)))).toBe('blocked')
  })

  it('lets a host through that the configuration names, over the ports that it names', () => {
    const allowed = rules({
      allow: [
        { host: '10.0.0.5', ports: [8443] },
        { host: '*.lan.example', http: true },
      ],
    })

    expect(codeOf(() => judgeUrl(allowed, new URL('https://10.0.0.5:8443/')))).toBe('allowed')
    expect(codeOf(() => judgeUrl(allowed, new URL('https://10.0.0.5:8444/')))).toBe('blocked')
    expect(codeOf(() => judgeUrl(allowed, new URL('http://10.0.0.5:8443/')))).toBe('blocked')
    expect(codeOf(() => judgeUrl(allowed, new URL('https://10.0.0.6/')))).toBe('blocked')
    expect(codeOf(() => judgeUrl(allowed, new URL('http://a.b.lan.example/')))).toBe('allowed')
    expect(codeOf(() => judgeUrl(allowed, new URL('http://lan.example/')))).toBe('blocked')
    expect(codeOf(() => judgeUrl(allowed, new URL('http://evil-lan.example/')))).toBe('blocked')
  })

  it('judges what a name stands for by the name that the configuration allows', () => {
    const allowed = rules({ allow: [{ host: 'api.internal' }] })
    const inside = judgeUrl(allowed, new URL('https://API.internal./'))
    const outside = judgeUrl(allowed, new URL('https://example.org/'))

    expect(codeOf(() => judgeAddress(inside, '10.0.0.5'))).toBe('allowed')
    expect(codeOf(() => judgeAddress(outside, '10.0.0.5'))).toBe('blocked')
    expect(codeOf(() => judgeAddress(inside, '169.254.169.254'))).toBe('blocked')
  })

  it.each(['169.254.169.254', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '224.0.0.1'])(
    'never lets %s pass, whatever is allowed and whoever asks',
    (host) => {
      const allowed = rules({ allow: [{ host: host.replace(/[[\]]/g, ''), http: true, ports: 'any' }] })

      expect(codeOf(() => judgeUrl(allowed, new URL(`http://${host}/`)))).toBe('blocked')
      expect(codeOf(() => judgeUrl(allowed, new URL(`http://${host}/`), 'any'))).toBe('blocked')
    },
  )

  it('leaves where an upstream lies to whoever may define it', () => {
    expect(codeOf(() => judgeUrl(rules(), new URL('http://127.0.0.1:3000/mcp'), 'any'))).toBe('allowed')
    expect(codeOf(() => judgeUrl(rules(), new URL('http://10.1.2.3:3000/mcp'), 'any'))).toBe('allowed')
  })

  it.each(['http://169.254.169.254/latest', 'https://[fd00:ec2::254]:8080/'])(
    'names no setting that would not help for %s',
    (url) => {
      expect(() => judgeUrl(rules(), new URL(url))).toThrow(/No setting allows that/)
      expect(() => judgeUrl(rules(), new URL(url))).not.toThrow(/egress\.allow/)
    },
  )

  it('says in its refusal what would allow it', () => {
    expect(() => judgeUrl(rules(), new URL('http://api.lan/'))).toThrow('host = "api.lan" and http = true')
    expect(() => judgeUrl(rules(), new URL('https://api.lan:9000/'))).toThrow('ports = [9000]')
    expect(() => judgeUrl(rules(), new URL('https://192.168.1.9/'))).toThrow('host = "192.168.1.9"')
  })
})
