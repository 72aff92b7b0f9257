import { STATELESS_REVISION } from '../stateless-revision.ts'
import { ClientError } from './client-error.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import type { Era, Verdict, Wire } from './era.ts'
import { isAnotherEra, isNotHere, judgeProbe, judgeRevisions, speaksOurs } from './judge-probe.ts'
import { type OpenPeer, openPeer } from './open-peer.ts'
import { SESSION_REVISIONS } from './revisions.ts'
import { beginSession } from './session-connection.ts'
import { discover, knowsNoDiscover, statelessConnection, UNKNOWN_SERVER } from './stateless-connection.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { ClientTransport } from './transport.ts'

/** How to reach a server, and who we are. */
export interface ConnectOptions {
  /** Make a transport that was never used; called once per attempt. */
  readonly dial: (attempt: Verdict) => ClientTransport
  /** What may carry the messages, the likeliest first: `['stdio']`, `['http', 'sse']` or `['sse']`. */
  readonly wires: readonly [Wire, ...Wire[]]
  /** Default `auto`: find out. */
  readonly era?: Era | 'auto'
  /** What an earlier connection found out; tried first. */
  readonly known?: Verdict | undefined
  readonly wheel: TimerWheel
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** What we can answer when the server asks; default nothing. */
  readonly capabilities?: Readonly<Record<string, unknown>>
  readonly listener: ConnectionListener
  /** For finding out and the handshake as a whole. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * How long a server may be silent before it is taken to be of the session era. One that still starts loses nothing by it: what it answers to the
 * next question tells its era as well.
 */
const PROBE_MS: Readonly<Record<Wire, number>> = { stdio: 2_000, http: 5_000, sse: 5_000 }

/**
 * Open a connection to a server, in the era that it speaks.
 *
 * @throws ClientError when the server cannot be reached, does not answer, or speaks no revision of ours
 * @throws RpcError when it refuses
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return new Attempt(options).run()
}

/** One search for a way to speak to a server. */
class Attempt {
  readonly #options: ConnectOptions
  readonly #deadlineMs: number

  constructor(options: ConnectOptions) {
    this.#options = options
    this.#deadlineMs = options.wheel.nowMs() + options.timeoutMs
  }

  async run(): Promise<Connection> {
    const { era = 'auto', known, wires } = this.#options
    if (era === 'session') return this.#session(known?.wire)
    if (era === 'stateless') return this.#pinned()
    if (wires[0] === 'sse') return this.#session(undefined)
    if (known?.era !== 'session') return this.#find(known === undefined ? this.#probeMs : this.#leftMs)
    try {
      return await this.#session(known.wire)
    } catch (thrown) {
      if (isAnotherEra(thrown)) return this.#find(this.#probeMs)
      throw thrown
    }
  }

  get #probeMs(): number {
    return Math.min(PROBE_MS[this.#options.wires[0]], this.#leftMs / 2)
  }

  get #leftMs(): number {
    return Math.max(1, this.#deadlineMs - this.#options.wheel.nowMs())
  }

  /** Ask in the stateless era first; what the answer says decides. */
  async #find(probeMs: number): Promise<Connection> {
    const [wire] = this.#options.wires
    const opened = await this.#open({ era: 'stateless', wire })
    try {
      return await this.#discovered(opened, wire, probeMs)
    } catch (thrown) {
      const finding = this.#options.signal?.aborted ? 'fault' : judgeProbe(thrown, wire)
      if (finding === 'fault') {
        await opened.transport.close()
        throw thrown
      }
      // A server that does not like the question takes it ill at once; a fresh process helps then.
      if (wire === 'stdio' && opened.open) return this.#continue(opened, finding === 'silent')
      await opened.transport.close()
      return this.#session(undefined, finding !== 'guess')
    }
  }

  async #discovered(opened: OpenPeer, wire: Wire, timeoutMs: number): Promise<Connection> {
    const { wheel, listener, signal } = this.#options
    const client = this.#client
    const ask = (): ReturnType<typeof discover> => discover({ opened, client }, timeoutMs, signal)
    // Servers behind one address may be of several versions while one takes over from another.
    const server = await ask().catch((thrown) => (speaksOurs(thrown) ? ask() : Promise.reject(thrown)))
    if (server === undefined) throw new ClientError('broken', 'The server answered server/discover with what is not its result.')
    const era = judgeRevisions(server.supportedVersions)
    if (era === 'session') throw new ClientError('broken', 'The server speaks only revisions of the session era.')
    if (era === undefined) throw noRevision(server.supportedVersions)
    const parts = { opened, client, wheel, timeoutMs: this.#options.timeoutMs, stale: () => listener.stale() }
    return statelessConnection(parts, server, { era: 'stateless', wire })
  }

  /** Go on in the session era with the process that was probed, which is rarely the worse for it, else with another. */
  async #continue(opened: OpenPeer, wasSilent: boolean): Promise<Connection> {
    try {
      return await this.#introduce(opened, { era: 'session', wire: 'stdio' })
    } catch (thrown) {
      if (this.#options.signal?.aborted) throw thrown
      if (this.#leftMs <= 1) throw wasSilent ? stillSilent(thrown) : thrown
      // Silent so far because it was still starting: now that it answers, what it is can be known.
      if (wasSilent && isAnotherEra(thrown)) return this.#find(this.#leftMs)
      return this.#session(undefined)
    }
  }

  async #session(known: Wire | undefined, isSure = true): Promise<Connection> {
    const { wires } = this.#options
    const first = known !== undefined && wires.includes(known) ? known : wires[0]
    try {
      return await this.#over(first, isSure)
    } catch (thrown) {
      if (first !== wires[0] && isAnotherEra(thrown)) return this.#session(undefined, isSure)
      if (first !== 'http' || !wires.includes('sse') || !isNotHere(thrown)) throw thrown
      return await this.#over('sse', isSure).catch(() => {
        throw thrown
      })
    }
  }

  async #over(wire: Wire, isSure: boolean): Promise<Connection> {
    const verdict: Verdict = { era: 'session', wire }
    return this.#introduce(await this.#open(verdict), isSure ? verdict : undefined)
  }

  async #introduce(opened: OpenPeer, verdict: Verdict | undefined): Promise<Connection> {
    const { clientInfo, capabilities = {}, signal } = this.#options
    try {
      return await beginSession(opened, { clientInfo, capabilities, timeoutMs: this.#leftMs, signal }, verdict)
    } catch (thrown) {
      await opened.transport.close()
      throw thrown
    }
  }

  /** The operator says that it is of the stateless era, so it need not introduce itself. */
  async #pinned(): Promise<Connection> {
    const wire = this.#options.wires.find((each) => each !== 'sse')
    if (wire === undefined) throw new ClientError('refused', 'HTTP+SSE is of the session era alone.', { sent: false })
    const opened = await this.#open({ era: 'stateless', wire })
    try {
      return await this.#discovered(opened, wire, this.#leftMs)
    } catch (thrown) {
      if (knowsNoDiscover(thrown)) return this.#unknown(opened, wire)
      await opened.transport.close()
      throw thrown
    }
  }

  #unknown(opened: OpenPeer, wire: Wire): Connection {
    const { wheel, listener, timeoutMs } = this.#options
    const parts = { opened, client: this.#client, wheel, timeoutMs, stale: () => listener.stale() }
    return statelessConnection(parts, UNKNOWN_SERVER, { era: 'stateless', wire })
  }

  get #client(): { capabilities: Readonly<Record<string, unknown>>; info: Readonly<Record<string, unknown>> } {
    return { capabilities: this.#options.capabilities ?? {}, info: this.#options.clientInfo }
  }

  #open(attempt: Verdict): Promise<OpenPeer> {
    const { dial, wheel, listener, signal } = this.#options
    return openPeer(dial(attempt), { wheel, listener, signal, deadlineMs: this.#deadlineMs })
  }
}

function noRevision(supported: readonly unknown[]): ClientError {
  const theirs = supported.filter((each) => typeof each === 'string').map((each) => each.slice(0, 40))
  const ours = [STATELESS_REVISION, ...SESSION_REVISIONS]
  return new ClientError(
    'refused',
    `The server speaks MCP revision ${theirs.slice(0, 8).join(', ')}; we speak ${ours.join(', ')}.`,
  )
}

function stillSilent(thrown: unknown): unknown {
  if (!(thrown instanceof ClientError) || thrown.kind !== 'timeout') return thrown
  const advice = 'If it falls silent because it was asked server/discover first, say that its era is session.'
  return new ClientError('timeout', `${thrown.message} ${advice}`, { cause: thrown })
}
