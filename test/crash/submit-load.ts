import { setTimeout as delay } from 'node:timers/promises'
import { between, type Dice, pick } from './dice.ts'
import { type CrashGateway, FUNCTIONS } from './gateway.ts'

/** A job that the gateway accepted. */
export interface Accepted {
  readonly key: string
  readonly functionName: (typeof FUNCTIONS)[number]
  readonly jobId: number
}

const SUBMITTERS = 8

/**
 * Submit jobs from several clients at once, each under a key of its own, until every one is accepted.
 *
 * A client that got no answer asks again with the same key, as it should.
 */
export async function submitLoad(gateway: CrashGateway, round: number, jobs: number, dice: Dice): Promise<readonly Accepted[]> {
  const wanted = Array.from({ length: jobs }, (_, index) => ({
    key: `r${round}-${index}`,
    functionName: pick(dice, FUNCTIONS),
    afterMs: between(dice, 0, 40),
  }))
  const accepted: Accepted[] = []
  const submitter = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const jobId = await submitUntilAccepted(gateway, next)
      accepted.push({ key: next.key, functionName: next.functionName, jobId })
    }
  }
  await Promise.all(Array.from({ length: SUBMITTERS }, submitter))
  return accepted
}

interface Wanted {
  readonly key: string
  readonly functionName: string
  readonly afterMs: number
}

async function submitUntilAccepted(gateway: CrashGateway, { key, functionName, afterMs }: Wanted): Promise<number> {
  for (;;) {
    const answer = await gateway.ask(`/functions/${functionName}/jobs`, { key, input: { key, afterMs } })
    if (answer !== undefined && answer.status < 300) return answer.body.jobId
    if (answer !== undefined && ![409, 429, 503].includes(answer.status))
      throw new Error(`${functionName} ${key} was refused: ${JSON.stringify(answer)}`)
    await delay(20)
  }
}
