import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'

/**
 * The standard streams of a container, before it is started: raw bytes in, frames out.
 *
 * dockerode's own `attach` sends its options a second time as the request's body, which an engine may take for the beginning of the container's
 * input (seen: it arrives there when it is not in the same packet as the head). So the request is ours.
 */
export async function attach(socketPath: string, id: string): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const asked = request({
    socketPath,
    method: 'POST',
    path: `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    headers: { connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 },
  })
  asked.once('upgrade', (_response, socket, head) => {
    if (head.length > 0) socket.unshift(head)
    resolve(socket)
  })
  asked.once('response', (response) => refused(response).then(reject, reject))
  asked.once('error', reject)
  asked.end()
  return await promise
}

/** In the shape in which dockerode reports what an engine refuses. */
async function refused(response: IncomingMessage): Promise<Error> {
  return Object.assign(new Error(await text(response)), { statusCode: response.statusCode })
}
