import type { Socket } from 'node:net'
import { encodeFrame, type Frame, FrameReader } from './frame.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { WireError } from './wire-error.ts'

interface Listener {
  /** @throws WireError for what the protocol does not allow */
  onFrame(frame: Frame): void
  /** The other side takes data again. */
  onDrain(): void
  /** @param why undefined where the other side just went */
  onClose(why: Error | undefined): void
}

/** Frames over a socket. What goes out in one turn of the event loop is one write. */
export class Connection {
  readonly #socket: Socket
  #corked = false
  #trusted = false

  constructor(socket: Socket, listener: Listener) {
    this.#socket = socket
    let why: Error | undefined
    const reader = new FrameReader()
    const maxBytes = () => (this.#trusted ? MAX_BODY_BYTES : 0)
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.read(chunk, maxBytes, (frame) => {
          if (!socket.destroyed) listener.onFrame(frame)
        })
      } catch (thrown) {
        if (!(thrown instanceof WireError)) throw thrown
        why = thrown
        socket.destroy()
      }
    })
    socket.on('drain', () => listener.onDrain())
    socket.on('error', (error) => {
      why ??= error
    })
    socket.on('close', () => listener.onClose(why))
  }

  /** Whether the other side takes data slower than it comes; then nothing should be sent that can wait. */
  get isBlocked(): boolean {
    return this.#socket.writableNeedDrain || this.#socket.destroyed
  }

  /** The greeting was accepted: from now on frames with a body are read, too. */
  trust(): void {
    this.#trusted = true
  }

  send(header: object, body?: string): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => this.flush())
    }
    this.#socket.write(encodeFrame(header, body))
  }

  /** Write what was sent now: what else this turn of the event loop does can wait, the other side cannot. */
  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }

  /** Send what is left, then close. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
