import { expect, it } from 'vitest'
import { Uris } from '../../../src/module/upstream/uris.ts'
import { testClient } from './open-upstreams.ts'

it('a result with very many links is told quickly, however many templates two upstreams have in common', () => {
  const uris = new Uris('one')
  uris.share(
    new Set(),
    Array.from({ length: 100 }, (_, index) => `file:///kind${index}/{a}/x/{b}/y/{c}`),
  )
  const content = Array.from({ length: 100_000 }, (_, index) => ({ type: 'resource_link', uri: `file:///${index}`, name: 'n' }))
  const startedAt = performance.now()

  const result = { content }
  expect(uris.result(testClient(), result)).toBe(result)

  // 5 s when each comparison takes its template apart.
  expect(performance.now() - startedAt).toBeLessThan(2_500)
})
