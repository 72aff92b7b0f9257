import { openSandbox } from './sandbox-leg.ts'

const TIMEOUT_MS = 100

const LOOPS: Readonly<Record<string, string>> = {
  'endless loop': 'export default () => { for (;;); }',
  'endless microtasks': 'export default () => new Promise(() => { const again = () => { queueMicrotask(again) }; again() })',
  'backtracking regular expression': `export default () => /^(a+)+$/.test('a'.repeat(50) + 'b')`,
  'endless search inside the engine': 'export default () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)',
}

/** How long after its deadline something that never ends was stopped. */
export interface Overshoot {
  readonly what: string
  readonly medianMs: number
  readonly worstMs: number
}

/** @param rounds of each loop */
export async function measureOvershoot(rounds: number): Promise<Overshoot[]> {
  const run = await openSandbox(TIMEOUT_MS)
  const found: Overshoot[] = []
  for (const [what, source] of Object.entries(LOOPS)) {
    const late: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now()
      const outcome = await run(source, 'null')
      late.push(performance.now() - startedAt - TIMEOUT_MS)
      if (outcome.ok || outcome.reason !== 'timeout') throw new Error(`${what} was not stopped: ${JSON.stringify(outcome)}`)
    }
    late.sort((a, b) => a - b)
    found.push({ what, medianMs: late[late.length >> 1]!, worstMs: late.at(-1)! })
  }
  return found
}
