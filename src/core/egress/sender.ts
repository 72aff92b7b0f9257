import { createRequire } from 'node:module'
import type { Agent } from 'undici'
import type { EgressRules } from '../../contract/egress.ts'
import { exchange, type Hop, type HopAnswer, type Limits } from './exchange.ts'
import { guardedConnector } from './guarded-connector.ts'
import type { Resolver } from './guarded-lookup.ts'
import { judgeUrl } from './judge-url.ts'
import { nextHop } from './next-hop.ts'
import { SendFailure } from './send-failure.ts'

const require = createRequire(import.meta.url)

/** Most redirects that are followed for one request. */
const MAX_HOPS = 5

/** An answer and where it came from, redirects followed. */
export interface SentAnswer extends HopAnswer {
  readonly url: URL
  /** Requests that were sent. */
  readonly requests: number
}

/** Sends requests to the world, as far as the rules allow it. Keeps its connections, and nothing that servers say to remember. */
export interface Sender {
  /** @throws SendFailure; the signal's reason where it was given up */
  send(hop: Hop, limits: Limits): Promise<SentAnswer>
  /** Close all sockets. */
  close(): Promise<void>
}

interface SenderOptions {
  readonly rules: EgressRules
  /** Sockets for one origin. Default 64. */
  readonly connections?: number
  /** How names are looked up. Default the system's way. */
  readonly resolve?: Resolver
}

/** Connections are pooled per origin. Every hop of a redirect passes the same guard as the first. */
export function createSender({ rules, connections = 64, resolve }: SenderOptions): Sender {
  let agent: Agent | undefined
  const open = (): Agent => {
    const Constructor = require('undici/lib/dispatcher/agent.js') as typeof Agent
    // Whoever sends has a clock of its own.
    return new Constructor({
      connections,
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
      connect: guardedConnector({ rules, ...(resolve && { resolve }) }),
    })
  }
  const sendOne = async (hop: Hop, limits: Limits): Promise<HopAnswer> => {
    judgeHop(rules, hop.url)
    agent ??= open()
    return exchange(agent, hop, limits)
  }
  return {
    async send(first, limits) {
      let hop = first
      for (let requests = 1; ; requests += 1) {
        const answer = await sendOne(hop, limits)
        const next = nextHop(hop, answer)
        if (next === undefined) return { ...answer, url: hop.url, requests }
        if (requests > MAX_HOPS) throw tooMany(first.url)
        hop = next
      }
    },
    close: async () => agent?.destroy(),
  }
}

/** Before a pool is opened for an origin that is refused anyway. */
function judgeHop(rules: EgressRules, url: URL): void {
  try {
    judgeUrl(rules, url)
  } catch (cause) {
    throw new SendFailure('blocked', (cause as Error).message, false, { cause })
  }
}

const tooMany = ({ origin }: URL): SendFailure =>
  new SendFailure('upstream', `${origin} redirected more than ${MAX_HOPS} times, perhaps in a circle.`, true)
