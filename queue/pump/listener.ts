import { chmod, lstat, unlink } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../../src/contract/house.ts'
import { Connection } from '../wire/connection.ts'
import { greeting, hello } from '../wire/from-worker.ts'
import { PROTOCOL } from '../wire/protocol.ts'
import { WireError } from '../wire/wire-error.ts'
import { within } from '../within.ts'
import type { Roster } from './roster.ts'
import type { WorkerLink } from './seat.ts'

/** How long a stranger has to introduce itself, in ms. */
const GREETING_MS = 5_000

/** How long a worker has to read what it was sent before its connection is cut, in ms. */
const FAREWELL_MS = 1_000

/** Takes the connections of workers. */
export class Listener {
  readonly #roster: Roster
  readonly #log: Log
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(roster: Roster, log: Log) {
    this.#roster = roster
    this.#log = log
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Listen at a path, for this user alone. One front owns a data folder, so what lies there is left over. */
  async listen(path: string): Promise<void> {
    const left = await lstat(path).catch(() => undefined)
    if (left?.isSocket()) await unlink(path)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    await chmod(path, 0o600)
  }

  /**
   * Say that nothing more comes, and let each worker close its own side: a connection that is closed on a worker that writes makes it throw away
   * what it has not read, which may be jobs.
   */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.end()
    await within(FAREWELL_MS, closed)
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #accept(socket: Socket): void {
    let link: WorkerLink | undefined
    const stranger = setTimeout(() => socket.destroy(), GREETING_MS)
    this.#sockets.add(socket)
    const connection = new Connection(socket, {
      onFrame: ({ header, body }) => {
        if (link) this.#roster.hear(link, header, body)
        else {
          clearTimeout(stranger)
          link = this.#greet(header, connection)
        }
      },
      onDrain: () => link && this.#roster.drained(link),
      onClose: (why) => {
        clearTimeout(stranger)
        this.#sockets.delete(socket)
        if (why instanceof WireError) this.#log.warn({ reason: why.message, worker: link?.name }, 'queue.garbled')
        if (link) this.#roster.left(link)
      },
    })
  }

  #greet(header: unknown, connection: Connection): WorkerLink | undefined {
    const met = this.#meet(header, connection)
    if (typeof met !== 'string') return met
    this.#log.warn({ reason: met }, 'queue.worker_refused')
    connection.send({ t: 'refuse', reason: met })
    connection.end()
    return undefined
  }

  #meet(header: unknown, connection: Connection): WorkerLink | string {
    const read = hello.safeParse(header)
    if (read.success) return this.#roster.greet(read.data, connection)
    const foreign = greeting.safeParse(header)
    if (!foreign.success) throw new WireError('Something that is no worker connected.')
    return `It speaks version ${foreign.data.protocol} of the protocol in a way that this front (version ${PROTOCOL}) does not understand. Start both from one version.`
  }
}
