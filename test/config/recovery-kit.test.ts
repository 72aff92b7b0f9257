import fc from 'fast-check'
import { expect, test } from 'vitest'
import { combineShares, splitKey } from '../../src/config/recovery-kit.ts'
import { readShare, shareText } from '../../src/config/share-text.ts'

const KEY = 'an-access-control-key-of-more-than-32-characters-ü'

test('any threshold of the shares gives the key, in any order, and no fewer do', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 0, max: 4 }),
      fc.infiniteStream(fc.nat()),
      async (threshold, more, picks) => {
        const shares = await splitKey(KEY, threshold + more, threshold)
        const shuffled = shares.map((share) => [picks.next().value as number, share] as const).sort(([a], [b]) => a - b)
        const texts = shuffled.map(([, share]) => share)

        expect(await combineShares(texts.slice(0, threshold))).toBe(KEY)
        expect(await combineShares(texts)).toBe(KEY)
        await expect(combineShares(texts.slice(0, threshold - 1))).rejects.toThrow(threshold > 1 ? /share/ : /./)
      },
    ),
    { numRuns: 30 },
  )
})

test('two kits of one key have nothing in common', async () => {
  const [first, second] = [await splitKey(KEY, 3, 2), await splitKey(KEY, 3, 2)]

  await expect(combineShares([first[0]!, second[1]!])).rejects.toThrow(/Share 2 is of another set/)
})

test('every single character that is misread is found out', async () => {
  const [share = ''] = await splitKey(KEY, 2, 2)
  for (let at = 0; at < share.length; at++) {
    if (share[at] === '-') continue
    const misread = `${share.slice(0, at)}${share[at] === '7' ? '8' : '7'}${share.slice(at + 1)}`

    // The last character has bits that mean nothing.
    if (at === share.length - 1 && sameShare(misread, share)) continue
    expect(() => readShare(misread, 'share 1')).toThrow(/share 1/)
  }
})

const sameShare = (a: string, b: string): boolean => {
  try {
    return readShare(a, 'a').bytes.equals(readShare(b, 'b').bytes)
  } catch {
    return false
  }
}

test('a share that was forged together with its checksum gives no key', async () => {
  const [one = '', two = ''] = await splitKey(KEY, 3, 2)
  const share = readShare(one, 'share 1')
  const bytes = Buffer.from(share.bytes)
  bytes[3]! ^= 1

  await expect(combineShares([shareText({ ...share, bytes }), two])).rejects.toThrow(/do not give the key that was split/)
})

test('a share is read as people write it', async () => {
  const [share = ''] = await splitKey(KEY, 2, 2)
  const written = ` ${share.toLowerCase().replaceAll('-', '  ').replaceAll('0', 'o').replaceAll('1', 'l')} `

  expect(readShare(written, 'share 1')).toEqual(readShare(share, 'share 1'))
  expect(share).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-)+[0-9A-HJKMNP-TV-Z]{1,5}$/)
})
