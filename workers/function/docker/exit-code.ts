import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { z } from 'zod'

const Answer = z.object({ StatusCode: z.int() })

/** The exit code of a container, once it ended and was removed. */
export interface ExitCode {
  /** null where the engine could not say. Rejects where the engine went away. */
  readonly code: Promise<number | null>
  /** Wait no longer. */
  close(): void
}

/**
 * Ask for it before the container is started, and wait until the engine has heard: a container that is removed as it ends leaves nothing to ask.
 * (`Container.wait` of dockerode resolves only at the end, so that the start could overtake it.)
 */
export async function watchExit(engine: Docker, id: string): Promise<ExitCode> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = {
      path: `/containers/${id}/wait?`,
      method: 'POST',
      isStream: true,
      options: { condition: 'removed' },
      statusCodes: { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' },
    }
    engine.modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage)))
  })
  const code = text(response).then(codeOf)
  // Nobody may be waiting any more when it fails.
  code.catch(() => {})
  return { code, close: () => response.destroy() }
}

/** @throws Error where the answer ended before there was one */
function codeOf(body: string): number | null {
  if (body.trim() === '')
    throw Object.assign(new Error('The engine did not say how the container ended.'), { code: 'ECONNRESET' })
  return Answer.safeParse(JSON.parse(body)).data?.StatusCode ?? null
}
