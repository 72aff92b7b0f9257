import { askRpc } from '../../fixture/ask.ts'
import type { TestHouse } from '../../support.ts'

/** Ask a house over MCP as its administrator. @returns the message */
export async function callOverMcp(house: TestHouse, method: string, params: object) {
  const text = await (await askRpc(house, house.adminToken, { method, params })).text()
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text)
}
