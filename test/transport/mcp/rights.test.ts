import { expect, it, vi } from 'vitest'
import { connect, type RawSession } from '../../mcp/server/client.ts'
import { openTestHouse } from '../../support.ts'

it('Rights that an administrator changes act on the next call of a connected client, and it is told', async () => {
  const { url, adminToken } = await openTestHouse()
  const admin = await connect(`${url}/mcp`, adminToken)
  const { user } = await call(admin, 'access_user_create', { name: 'ada', keys: ['self.read'] })
  const { token, info } = await call(admin, 'access_token_create', { label: 'laptop', scope: 'full', userId: user.id })
  const ada = await connect(`${url}/mcp`, token)
  const stream = await ada.listen()
  expect(await listed(ada)).not.toContain('access_user_list')
  expect((await ada.request('tools/call', { name: 'access_user_list' })).result._meta['gatehouse/fault'].code).toBe('forbidden')

  await call(admin, 'access_grant_add', { userId: user.id, key: 'access.read' })

  await vi.waitFor(() => expect(stream.events).toMatchObject([{ method: 'notifications/tools/list_changed' }]))
  expect(await listed(ada)).toContain('access_user_list')
  expect((await call(ada, 'access_user_list', {})).users).toHaveLength(2)

  await call(admin, 'access_token_revoke', { id: info.id })

  await vi.waitFor(() => expect(stream.ended).toBe(true))
  expect((await ada.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(401)
})

it('A call over MCP leaves a record and a line in the access log that carry the request id of its answer', async () => {
  const { url, adminToken } = await openTestHouse()
  const session = await connect(`${url}/mcp`, adminToken)

  const answer = await session.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'no_such_tool' } })

  const requestId = answer.headers['x-request-id']
  expect(answer.json.error.data.requestId).toBe(requestId)
  const { calls } = await call(session, 'audit_call_list', { tool: 'no_such_tool' })
  expect(calls).toMatchObject([{ requestId, transport: 'mcp', outcome: 'not_found', authPath: 'token' }])
  const { requests } = await call(session, 'request_list', { search: requestId as string })
  expect(requests).toMatchObject([{ requestId, method: 'POST', path: '/mcp', status: 200, authPath: 'token' }])
})

async function listed(session: RawSession): Promise<string[]> {
  const { result } = await session.request('tools/list')
  return result.tools.map(({ name }: { name: string }) => name)
}

// any: the shape differs by operation.
async function call(session: RawSession, name: string, args: object): Promise<any> {
  const { result } = await session.request('tools/call', { name, arguments: args })
  expect(result.isError, JSON.stringify(result)).toBeUndefined()
  return result.structuredContent
}
