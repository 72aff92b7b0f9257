import { describe, expect, it } from 'vitest'
import { Fault } from '../../../../src/contract/fault.ts'
import { RpcError } from '../../../../src/mcp/rpc.ts'
import { lackingAtNextHop } from '../../../../src/mcp/server/stateless/lacking-at-next-hop.ts'

const missing = (requiredCapabilities: unknown, code = -32021): Fault =>
  new Fault('invalid', 'no', {
    cause: new Error('through hands', { cause: new RpcError(code, 'no', { data: { requiredCapabilities } }) }),
  })

describe('What a server misses in the capabilities of a client', () => {
  it.each<[object, unknown, object]>([
    [{}, { sampling: {} }, { sampling: {} }],
    [{ sampling: {} }, { sampling: { tools: {} } }, { sampling: { tools: {} } }],
    [{ roots: {} }, { roots: {}, extensions: { 'x/y': { told: { more: 'secret' } } } }, { extensions: { 'x/y': { told: {} } } }],
  ])('of %j is the client’s to declare: %j', (capabilities, required, lacking) => {
    expect(lackingAtNextHop(capabilities as Record<string, unknown>, missing(required))).toEqual(lacking)
  })

  it.each<[string, Fault]>([
    ['the client has declared', missing({ sampling: {} })],
    ['is named by no object', missing(['sampling'])],
    ['is told by another error', missing({ roots: {} }, -32602)],
    ['nobody told', new Fault('upstream', 'broken')],
  ])('is not the client’s when it is what %s', (_title, fault) => {
    expect(lackingAtNextHop({ sampling: {} }, fault)).toBeUndefined()
  })
})
