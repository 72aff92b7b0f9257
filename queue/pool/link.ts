import { lstatSync } from 'node:fs'
import { connect } from 'node:net'
import type { Log } from '../../src/contract/house.ts'
import { Connection } from '../wire/connection.ts'
import type { Frame } from '../wire/frame.ts'
import { type FromFront, fromFront } from '../wire/from-front.ts'
import { WireError } from '../wire/wire-error.ts'

/** Waits between attempts to connect, in ms: doubling from the first to the last, which is kept for ever. */
const FIRST_WAIT_MS = 25
const LAST_WAIT_MS = 1_000

interface LinkOptions {
  readonly socketPath: string
  readonly log: Log
  /** The greeting, made anew for each connection. */
  readonly hello: () => object
  readonly onMessage: (message: FromFront, body: string) => void
  /** The front took the greeting. */
  readonly onUp: () => void
  readonly onDown: () => void
  readonly onDrain: () => void
}

/** The way to the front; made again for ever when it breaks, whoever was started first. */
export class Link {
  readonly #options: LinkOptions
  #connection: Connection | undefined
  #isUp = false
  #waitMs = FIRST_WAIT_MS
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #complaint: string | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.#connect()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Whether something can be sent right now. */
  get isOpen(): boolean {
    return this.#isUp && !this.#connection?.isBlocked
  }

  /** Does nothing while there is no front. */
  send(header: object, body?: string): void {
    if (this.#isUp) this.#connection?.send(header, body)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#connection?.end()
  }

  #connect(): void {
    const { socketPath } = this.#options
    if (isForeign(socketPath)) {
      this.#complain('worker.socket_foreign', `${socketPath} belongs to another user.`)
      this.#later()
      return
    }
    const socket = connect(socketPath)
    const connection = new Connection(socket, {
      onFrame: (frame) => this.#read(frame),
      onDrain: this.#options.onDrain,
      onClose: (why) => this.#lost(why),
    })
    this.#connection = connection
    socket.once('connect', () => {
      connection.trust()
      connection.send(this.#options.hello())
    })
  }

  #read({ header, body }: Frame): void {
    const read = fromFront.safeParse(header)
    if (!read.success) throw new WireError('The front says what this worker does not understand.', { cause: read.error })
    const message = read.data
    if (message.t === 'welcome') this.#welcome()
    else if (message.t === 'refuse') this.#complain('worker.refused', message.reason)
    else this.#options.onMessage(message, body)
  }

  #welcome(): void {
    this.#isUp = true
    this.#waitMs = FIRST_WAIT_MS
    this.#complaint = undefined
    this.#options.log.info({}, 'worker.connected')
    this.#options.onUp()
  }

  #lost(why: Error | undefined): void {
    const wasUp = this.#isUp
    this.#isUp = false
    this.#connection = undefined
    if (why instanceof WireError) this.#complain('worker.garbled', why.message)
    else if (isNobodyThere(why) && this.#waitMs === LAST_WAIT_MS)
      this.#complain('worker.no_front', `Nobody listens at ${this.#options.socketPath}; is a front running on that data folder?`)
    if (wasUp) {
      this.#options.log.info({}, 'worker.disconnected')
      this.#options.onDown()
    }
    if (!this.#closed) this.#later()
  }

  #later(): void {
    this.#timer = setTimeout(() => this.#connect(), this.#waitMs)
    this.#waitMs = Math.min(this.#waitMs * 2, LAST_WAIT_MS)
  }

  /** Once for each reason, not once for each attempt. */
  #complain(event: string, reason: string): void {
    if (reason === this.#complaint) return
    this.#complaint = reason
    this.#options.log.warn({ reason }, event)
  }
}

const isNobodyThere = (why: Error | undefined): boolean =>
  ['ENOENT', 'ECONNREFUSED'].includes((why as NodeJS.ErrnoException | undefined)?.code ?? '')

/** A temporary folder is everybody's: whoever put a socket there first would be given the jobs. */
function isForeign(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.uid !== process.getuid?.()
}
