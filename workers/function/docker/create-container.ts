import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { BackendRefusal } from '../backend-refusal.ts'
import { statusOf } from './engine-fault.ts'

/** Pulls that are on their way, so that ten runs of a new image pull it once. */
export type Pulls = Map<string, Promise<void>>

/**
 * Create a container, with its image pulled first where that is allowed.
 *
 * @throws BackendRefusal where the image is not there
 */
export async function createContainer(
  engine: Docker,
  options: ContainerCreateOptions & { readonly Image: string },
  pulls: Pulls | undefined,
): Promise<Docker.Container> {
  try {
    return await engine.createContainer(options)
  } catch (thrown) {
    if (statusOf(thrown) !== 404) throw thrown
  }
  if (!pulls) {
    throw new BackendRefusal(
      'unavailable',
      `The Docker engine does not have the image ${options.Image}. Run docker pull ${options.Image}, or set pull = true in [function.docker].`,
    )
  }
  await pullOnce(engine, options.Image, pulls)
  return await engine.createContainer(options)
}

async function pullOnce(engine: Docker, image: string, pulls: Pulls): Promise<void> {
  let pull = pulls.get(image)
  if (!pull) {
    pull = pullImage(engine, image).finally(() => pulls.delete(image))
    pulls.set(image, pull)
  }
  await pull
}

async function pullImage(engine: Docker, image: string): Promise<void> {
  const stream = await engine.pull(image)
  const events = await new Promise<readonly { readonly error?: string }[]>((resolve, reject) => {
    engine.modem.followProgress(stream, (error: Error | null, all: { error?: string }[]) =>
      error ? reject(error) : resolve(all),
    )
  })
  const failed = events.find(({ error }) => error !== undefined)
  if (failed) throw new BackendRefusal('unavailable', `The image ${image} could not be pulled: ${failed.error}.`)
}
