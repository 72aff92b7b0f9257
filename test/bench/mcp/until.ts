import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const ASK_EVERY_MS = 5

/** Waits until a port of 127.0.0.1 takes connections. @throws Error after 20 s */
export async function portOpen(port: number): Promise<void> {
  await until(`port ${port} to open`, async () => {
    const socket = net.connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } finally {
      socket.destroy()
    }
  })
}

/** Waits until a URL answers 200. @throws Error after 20 s */
export async function answersOk(url: string): Promise<void> {
  await until(`${url} to answer 200`, async () => (await fetch(url)).status === 200)
}

/** Waits until something holds. @throws Error after 20 s, with what stood in the way last */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const [held, cause] = await holds().then(
      (yes) => [yes, undefined],
      (thrown: unknown) => [false, thrown],
    )
    if (held) return
    if (performance.now() > deadline) throw new Error(`waited 20 s for ${what}: ${cause}`, { cause })
    await delay(ASK_EVERY_MS)
  }
}
