import { describe, expect, test } from 'vitest'
import { CONTENT_SECURITY_POLICY } from '../../../src/transport/web/security-headers.ts'
import { ADMIN, openTestHouse } from '../../support.ts'
import { HOSTILE, hostileSource, openBrowser, outcomeOn } from './house.ts'

const hostile = hostileSource()
const house = await openTestHouse({ extra: [hostile.module], until: 'suite' })
const browser = await openBrowser(house)

/** What a browser without a session sees of `/sign-in`. */
async function signInForm(): Promise<{ readonly cookie: string; readonly csrf: string }> {
  const response = await fetch(`${house.url}/sign-in`)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(await response.text())?.[1]
  return { cookie: response.headers.getSetCookie()[0]!.split(';')[0]!, csrf: csrf! }
}

const signIn = (cookie: string, fields: Record<string, string>) =>
  fetch(`${house.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields),
  })

describe('signing in', () => {
  test('opens a session in a cookie that scripts and other sites cannot use, and goes where one wanted to', async () => {
    const { cookie, csrf } = await signInForm()

    const response = await signIn(cookie, { ...ADMIN, _csrf: csrf, next: '/tools?q=x' })

    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/tools?q=x')
    expect(response.headers.getSetCookie()[0]).toMatch(/^gatehouse_session=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  test('marks the cookie Secure where browsers come over TLS', async () => {
    const secure = await openTestHouse({ http: { publicUrl: 'https://gate.example.com' } })

    const response = await fetch(`${secure.url}/sign-in`)

    expect(response.headers.getSetCookie()[0]).toContain('; Secure')
    expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/)
  })

  test('shows the form again after a wrong password, with the name that was typed and without the password', async () => {
    const { cookie, csrf } = await signInForm()

    const response = await signIn(cookie, { name: 'root"<b>', password: 'wrong-secret', _csrf: csrf, next: '/tools' })
    const html = await response.text()

    expect(response.status).toBe(401)
    expect(html).toContain('value="root&quot;&lt;b&gt;"')
    expect(html).toContain('name="next" value="/tools"')
    expect(html).not.toContain('wrong-secret')
  })

  test('refuses a form that another site made', async () => {
    const { cookie } = await signInForm()

    expect((await signIn(cookie, { ...ADMIN, _csrf: 'made-up' })).status).toBe(403)
    expect((await signIn('', { ...ADMIN })).status).toBe(403)
  })

  test('never leads to another site', async () => {
    const { cookie, csrf } = await signInForm()

    expect((await signIn(cookie, { ...ADMIN, _csrf: csrf, next: '//evil.example' })).headers.get('location')).toBe('/')
  })

  test('signing out ends the session', async () => {
    const other = await openBrowser(house)

    expect((await other.post('/sign-out', {})).headers.get('location')).toBe('/sign-in')
    expect((await other.get('/tools')).status).toBe(303)
  })
})

describe('whoever is not signed in', () => {
  test('is sent to sign in and comes back afterwards', async () => {
    const response = await fetch(`${house.url}/activity?outcome=failed`, { redirect: 'manual' })

    expect(response.headers.get('location')).toBe('/sign-in?next=%2Factivity%3Foutcome%3Dfailed')
  })

  test.each(['/op/access_user_create', '/tools/hostile__tool', '/sign-out', '/theme'])('may not post to %s', async (path) => {
    expect((await fetch(house.url + path, { method: 'POST', redirect: 'manual' })).status).toBe(401)
  })

  test('hears no events', async () => {
    expect((await fetch(`${house.url}/events`)).status).toBe(401)
  })
})

describe('every page', () => {
  const paths = () => house.gatehouse.pages.map(({ page }) => page.path).filter((path) => !path.includes(':'))

  test('is shown to an administrator, under the strict policy, and never kept by caches', async () => {
    for (const path of [...paths(), '/op/tool_list', '/tools/hostile__tool']) {
      const response = await browser.get(path)
      const html = await response.text()

      expect(response.status, path).toBe(200)
      expect(response.headers.get('content-security-policy'), path).toBe(CONTENT_SECURITY_POLICY)
      expect(response.headers.get('cache-control'), path).toBe('no-store')
      expect(response.headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(html, path).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/i)
    }
  })

  test('is refused to whoever lacks its right, who is told nothing of it', async () => {
    const token = await house.token('self.read')
    for (const path of paths().filter((path) => path !== '/')) {
      const { page } = house.gatehouse.pages.find((one) => one.page.path === path)!
      if (page.permit === 'self.read') continue

      const response = await house.fetch(path, token, { headers: { accept: 'text/html' } })

      expect(response.status, path).toBe(403)
    }
  })

  test('an address that does not exist is a page for browsers and a problem document for programs', async () => {
    const page = await browser.get('/nothing/here')
    const problem = await fetch(`${house.url}/nothing/here`)

    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect([problem.status, problem.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ])
  })
})

describe('a form', () => {
  test('without the token of the session changes nothing', async () => {
    const before = hostile.runs()

    const response = await browser.post('/tools/hostile__tool', { _csrf: 'guessed', message: 'x' })

    expect(response.status).toBe(403)
    expect(hostile.runs()).toBe(before)
  })

  test('sent twice runs once, and both are answered alike', async () => {
    const before = hostile.runs()

    const answers = await Promise.all([1, 2].map(() => browser.post('/tools/hostile__tool', { _form: 'same', message: 'x' })))

    expect(await Promise.all(answers.map(async (one) => outcomeOn(await one.text())))).toEqual(['ok', 'ok'])
    expect(hostile.runs()).toBe(before + 1)
  })

  test('that failed may be sent again', async () => {
    const fields = { _form: 'again', _mode: 'json', _json: '{}' }

    expect((await browser.post('/op/access_user_create', fields)).status).toBe(400)
    expect((await browser.post('/op/access_user_create', { ...fields, _json: '{"name":"henry"}' })).status).toBe(200)
  })

  test('leads on after success, with a note that is shown once', async () => {
    const response = await browser.post('/op/access_role_put', {
      name: 'reader',
      keys: 'tool:*',
      _next: '/roles',
      _done: 'Saved <it>.',
    })

    expect([response.status, response.headers.get('location')]).toEqual([303, '/roles'])
    expect(await (await browser.get('/roles')).text()).toContain('Saved &lt;it&gt;.')
    expect(await (await browser.get('/roles')).text()).not.toContain('Saved &lt;it&gt;.')
  })

  test('never leads to another site', async () => {
    const response = await browser.post('/op/access_role_put', { name: 'reader', keys: 'tool:*', _next: 'https://evil.example/' })

    expect(response.headers.get('location')).toBe('/')
  })

  test('that was refused is shown again on its own page, with what was typed and what is wrong with it', async () => {
    const response = await browser.post('/op/access_user_create', {
      name: '',
      email: 'no <address>',
      _back: '/new/user',
      _next: '/users',
    })
    const html = await response.text()

    expect(response.status).toBe(400)
    expect(html).toContain('<h1>New user</h1>')
    expect(html).toContain('value="no &lt;address&gt;"')
    expect(html).toMatch(/id="f-1bemail"[^>]*aria-invalid="true"/)
    expect(html).toMatch(/class="error" id="f-1bemail-error"/)
  })

  test('gets a further row without running', async () => {
    const before = hostile.runs()

    const html = await (
      await browser.post('/tools/hostile__tool', { '/message': 'kept', '/list/0': 'a', _edit: 'add:/list' })
    ).text()

    expect(html).toMatch(/name="\/list\/0"[^>]* value="a"/)
    expect(html).toContain('name="/list/1"')
    expect(html).toContain('kept')
    expect(hostile.runs()).toBe(before)
  })

  test('names broken JSON at its field', async () => {
    const response = await browser.post('/op/upstream_add', { alias: 'x', transport: 'stdio', tools: '{oops' })

    expect(response.status).toBe(400)
    expect(await response.text()).toContain('is not valid JSON')
  })

  test('that is larger than the limit is refused as such', async () => {
    const small = await openTestHouse({ http: { bodyLimitBytes: 2_000 } })
    const visitor = await openBrowser(small)

    expect((await visitor.post('/op/access_user_create', { name: 'x'.repeat(3_000) })).status).toBe(413)
  })

  test('shows a secret that was made on the page that asked for it, and never again', async () => {
    const made = await (
      await browser.post('/op/access_token_create', { label: 'laptop', scope: 'partial', keys: 'tool:*', _back: '/new/token' })
    ).text()
    const secret = /st_\w+/.exec(made)?.[0]

    expect(made).toContain('Claude Code')
    expect(secret).toBeDefined()
    expect(await (await browser.get('/tokens')).text()).not.toContain(secret)
    expect(await (await browser.get('/activity')).text()).not.toContain(secret)
  })
})

describe('the page of an operation', () => {
  test('tells nothing of the schema to whoever may not call it', async () => {
    const token = await house.token('self.read')

    const response = await house.fetch('/op/access_user_create', token)
    const html = await response.text()

    expect(response.status).toBe(403)
    expect(html).not.toContain('email')
    expect(outcomeOn(html)).toBe('forbidden')
  })

  test('fills its form from the address', async () => {
    expect(await (await browser.get('/op/access_user_get?id=7')).text()).toMatch(/name="\/id"[^>]* value="7"/)
  })

  test('hides what an operation calls secret while it is typed', async () => {
    expect(await (await browser.get('/op/access_user_set_password')).text()).toMatch(/name="\/current"[^>]* type="password"/)
  })

  test('shows commands that a shell reads as one string', async () => {
    const html = await (await browser.get('/op/access_grant_add')).text()

    expect(html).toContain(`curl -sS &#x27;${house.url}/api/users/:userId/grants&#x27;`)
  })
})

describe('what an upstream wrote', () => {
  test.each(['/tools', '/tools?q=hostile', '/tools/hostile__tool', '/activity?source=hostile'])(
    'is text on %s, never markup',
    async (path) => {
      await browser.post('/tools/hostile__tool', { message: HOSTILE })

      const html = await (await browser.get(path)).text()

      expect(html).not.toContain('<img src=x')
      expect(html).not.toContain('<script>document')
      expect(html).not.toContain('onerror="')
    },
  )

  test('is text in a result, and an SVG is not shown as an image', async () => {
    const html = await (await browser.post('/tools/hostile__tool', { message: HOSTILE })).text()

    expect(outcomeOn(html)).toBe('ok')
    expect(html).toContain('&lt;img src')
    expect(html).not.toContain('<img')
    expect(html).not.toContain('<script>document')
  })
})

test('the colours that were chosen are remembered', async () => {
  const response = await browser.post('/theme', { theme: 'dark', _next: '/tools' })
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!

  const page = await fetch(`${house.url}/tools`, { headers: { cookie: `${browser.cookie}; ${cookie}` } })

  expect(response.headers.get('location')).toBe('/tools')
  expect(await page.text()).toContain('data-theme="dark"')
})
