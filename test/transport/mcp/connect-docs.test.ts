import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openHouse } from './house.ts'

const page = readFileSync(new URL('../../../asset/docs/connect.md', import.meta.url), 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!)

/** The page shows curl; where it is not installed there is nothing to run. */
const hasCurl = spawnSync('curl', ['--version']).status === 0

describe('The page on connecting clients', () => {
  it.each(blocks('json'))('shows a configuration that is valid JSON and names address and token: %s', (block) => {
    const [servers] = Object.values(JSON.parse(block)).filter((value) => !Array.isArray(value)) as Record<string, any>[]

    expect(servers!['gatehouse'].url).toBe('http://127.0.0.1:8085/mcp')
    expect(servers!['gatehouse'].headers.Authorization).toMatch(/^Bearer \$\{.+\}$/)
  })

  it.skipIf(!hasCurl)('shows curl commands that work', async () => {
    const { url } = await openHouse()
    const script = blocks('sh')
      .find((block) => block.includes('curl'))!
      .replace('http://127.0.0.1:8085', url)

    const env = { ...process.env, GATEHOUSE_TOKEN: 'alice-token' }
    const { stdout } = await promisify(execFile)('bash', ['-ec', script], { env })

    expect(JSON.parse(stdout).result.tools.length).toBeGreaterThan(0)
  })
})
