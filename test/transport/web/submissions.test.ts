import { describe, expect, it } from 'vitest'
import { createSubmissions } from '../../../src/transport/web/submissions.ts'

describe('a form that is sent again', () => {
  it('gets the outcome of the first time, and a failed one another try', async () => {
    const submissions = createSubmissions()
    let runs = 0
    const once = (key: string) => submissions.once(key, async () => ++runs)

    expect(await Promise.all([once('a'), once('a'), once('b')])).toEqual([1, 1, 2])
    expect(await once('a')).toBe(1)
    await expect(submissions.once('c', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await once('c')).toBe(3)
  })

  it('is forgotten where the outcomes of others take too much memory', async () => {
    const submissions = createSubmissions()
    let runs = 0
    const big = (key: string) => submissions.once(key, async () => `${++runs}${'x'.repeat(9_000_000)}`)

    for (const key of ['a', 'b', 'c', 'd']) await big(key)

    expect((await big('d')).slice(0, 2)).toBe('4x')
    expect((await big('a')).slice(0, 2)).toBe('5x')
  })
})
