import { expect } from 'vitest'
import type { TestHouse } from '../../support.ts'

/** What a house answered over REST. */
export interface Told {
  readonly status: number
  readonly body: any
}

/** Ask a house over REST. */
export async function ask(
  house: TestHouse,
  method: string,
  path: string,
  body?: object,
  token = house.adminToken,
): Promise<Told> {
  const reply = await house.fetch(`/api${path}`, token, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: reply.status, body: await reply.json() }
}

/** The same, where nothing but success will do. */
export async function get(house: TestHouse, method: string, path: string, body?: object, token?: string): Promise<Told['body']> {
  const told = await ask(house, method, path, body, token)
  expect(told, `${method} ${path}`).toMatchObject({ status: 200 })
  return told.body
}
