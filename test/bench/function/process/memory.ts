import { openSandbox } from '../sandbox-leg.ts'

// How far this process grows while functions take all memory they can: node memory.ts <rounds>. Prints one line of JSON.
const BOMBS = [
  'const all = []; for (;;) all.push(new Array(100_000).fill(1))',
  'const all = []; for (;;) all.push(new Uint8Array(1_000_000).fill(1))',
  `const all = []; for (;;) all.push('x'.repeat(100_000) + all.length)`,
  'const all = []; for (;;) all.push({ a: all.length })',
]

const run = await openSandbox()
await run('export default () => 1', 'null')
const before = process.memoryUsage.rss()
let most = before
for (let round = 0; round < Number(process.argv[2]); round += 1) {
  for (const bomb of BOMBS) {
    const outcome = await run(`export default () => { ${bomb} }`, 'null')
    if (outcome.ok || outcome.reason !== 'memory') throw new Error(`a bomb went on: ${JSON.stringify(outcome)}`)
    most = Math.max(most, process.memoryUsage.rss())
  }
}
process.stdout.write(JSON.stringify({ beforeMb: before / 1e6, mostMb: most / 1e6, limitMb: 33_554_432 / 1e6 }))
