import { text } from 'node:stream/consumers'
import { combineShares } from '../config/recovery-kit.ts'

/** The key that the shares on standard input give; never from the command line, where others could read them. @throws Refusal */
export async function readShares(): Promise<string> {
  const lines = (await text(process.stdin)).split(/\r?\n/).map((line) => line.trim())
  return combineShares(lines.filter((line) => line !== '' && !line.startsWith('#')))
}
