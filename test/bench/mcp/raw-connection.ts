import net from 'node:net'
import { answerIn, type RawAnswer } from './raw-answer.ts'

/** One keep-alive HTTP/1.1 connection to loopback with one request in flight, cheap enough not to be what is measured. */
export interface RawConnection {
  /** @throws Error when the server closes the connection before it has answered */
  send(head: string, body: string): Promise<RawAnswer>
  /** Ask for an event stream, and go on when it is open. Nothing else can be sent then. @throws Error when the server refuses */
  listen(head: string): Promise<void>
  close(): void
}

interface Waiting {
  resolve(answer: RawAnswer): void
  reject(cause: Error): void
}

/** Connect to a port of 127.0.0.1. */
export function connectRaw(port: number): RawConnection {
  const socket = net.connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  let received = ''
  let waiting: Waiting | undefined
  let opening: ((head: string) => void) | undefined

  socket.on('data', (text: string) => {
    opening?.(text)
    if (opening) return
    received += text
    const answer = answerIn(received)
    if (answer === undefined) return
    received = received.slice(answer.length)
    waiting?.resolve(answer)
    waiting = undefined
  })
  const fail = (cause: Error) => {
    waiting?.reject(cause)
    waiting = undefined
  }
  socket.on('error', fail)
  socket.on('close', () =>
    fail(new Error(`port ${port} closed the connection before it answered; received so far: ${received.slice(0, 200)}`)),
  )

  return {
    send: (head, body) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      }),
    listen: (head) =>
      new Promise((resolve, reject) => {
        waiting = { resolve: () => {}, reject }
        opening = (text) => (text.startsWith('HTTP/1.1 200') ? resolve() : reject(new Error(text.slice(0, 300))))
        socket.write(`${head}\r\n`)
      }),
    close: () => socket.destroy(),
  }
}
