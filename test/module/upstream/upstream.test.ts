import { describe, expect, it } from 'vitest'
import { odd, openUpstreams } from './open-upstreams.ts'

describe('an upstream', () => {
  it('offers its tools and answers calls', async () => {
    const house = await openUpstreams({ odd: odd() })
    await house.until('odd', 'connected')

    expect(await house.callText('odd__echo', { text: 'hello' })).toBe('hello')
  })
})
