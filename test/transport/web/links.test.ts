import { expect, test, vi } from 'vitest'
import type { AccessStore } from '../../../src/module/access/access.store.ts'
import { createUser } from '../../../src/module/access/create-user.ts'
import { BUILT_IN_ROLES } from '../../../src/module/access/roles.ts'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { ODD_SERVER } from '../../mcp/client/open-odd.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

const servers = {
  odd: { command: 'node', args: [ODD_SERVER, '--odd-tools'] },
  broken: { transport: 'http' },
  nobody: { command: 'no-such-program-here' },
}
const house = await openTestHouse({
  settings: { upstream: upstreamSettings.parse({ servers }) },
  until: 'suite',
})
await leaveTraces(house)

/** Something on every page: calls that went well, were refused, and named what is not there. */
async function leaveTraces({ fetch, adminToken, token }: TestHouse): Promise<void> {
  const call = (path: string, body: object, as = adminToken) =>
    fetch(`/api${path}`, as, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  await vi.waitFor(async () => expect((await call('/tools/odd/good', {})).status).toBe(200), { timeout: 10_000 })
  await call('/tools/odd/good', {}, await token())
  await call('/tools/nobody/nothing', {})
  await call('/upstreams', { alias: 'stored', transport: 'stdio', command: 'no-such-program-here', enabled: false })
  await call('/invitations', { keys: ['role:viewer'] })
}

async function cookieOf(name: string, role: string): Promise<string> {
  const { password } = await createUser(house.gatehouse.store<AccessStore>('access'), { name, keys: [`role:${role}`] })
  const { cookie } = await house.gatehouse.authenticator.signIn(name, password!, '127.0.0.1')
  return `gatehouse_session=${cookie}`
}

/** Follow every link from the first page on. @returns the paths that were asked for, and those that answered with a refusal */
async function crawl(cookie: string): Promise<{ readonly seen: ReadonlySet<string>; readonly dead: readonly string[] }> {
  const seen = new Set(['/'])
  const dead: string[] = []
  for (const path of seen) {
    const response = await fetch(house.url + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' })
    const html = await response.text()
    const elsewhere = response.headers.get('location')
    if (elsewhere !== null) seen.add(elsewhere)
    else if (response.status !== 200) dead.push(`${response.status} ${path}`)
    if (response.headers.get('content-type')?.includes('html')) for (const link of linksIn(html, path)) seen.add(link)
  }
  return { seen, dead }
}

function linksIn(html: string, path: string): string[] {
  const found = html.matchAll(/(?:href|src)="([^"#]+)/g)
  return [...found]
    .map(([, link]) => new URL(link!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='), house.url + path))
    .filter(({ origin }) => origin === house.url)
    .map(({ pathname, search }) => pathname + search)
}

test.each(Object.keys(BUILT_IN_ROLES))('no page shows a link that leads nowhere to a user of the role %s', async (role) => {
  const { seen, dead } = await crawl(await cookieOf(`some-${role}`, role))

  expect(dead).toEqual([])
  expect(seen.size).toBeGreaterThan(role === 'agent' ? 10 : 40)
  expect([...seen].filter((path) => path.startsWith('/sign-in'))).toEqual([])
})
