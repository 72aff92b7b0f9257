import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type Docker from 'dockerode'
import { attach } from './attach.ts'
import type { Conversation } from './conversation.ts'
import { type ExitCode, watchExit } from './exit-code.ts'
import { Frames } from './frames.ts'

/**
 * Start a container that was created, and talk with it until the end is known.
 *
 * @returns the end; rejects where the engine fails, or where `signal` aborts
 */
export async function converse<End>(
  engine: Docker,
  socketPath: string,
  container: Docker.Container,
  talk: Conversation<End>,
  signal: AbortSignal,
): Promise<End> {
  signal.throwIfAborted()
  const exit = await watchExit(engine, container.id)
  let socket: Duplex | undefined
  try {
    socket = await attach(socketPath, container.id)
    const heard = listen(socket, talk)
    // It is raced below; where the start fails first, nobody waits for it.
    heard.catch(() => {})
    signal.throwIfAborted()
    await container.start()
    talk.begin(socket)
    return await Promise.race([talk.over, end(heard, exit, talk)])
  } finally {
    socket?.destroy()
    exit.close()
  }
}

/** Resolves when the container has said everything. */
async function listen(socket: Duplex, talk: Conversation<unknown>): Promise<void> {
  const frames = new Frames((channel, bytes) => talk.hear(channel, bytes))
  socket.on('data', (chunk: Buffer) => {
    try {
      frames.push(chunk)
    } catch (thrown) {
      socket.destroy(thrown as Error)
    }
  })
  await finished(socket, { writable: false })
}

async function end<End>(heard: Promise<void>, exit: ExitCode, talk: Conversation<End>): Promise<End> {
  await heard
  return talk.exited(await exit.code)
}
