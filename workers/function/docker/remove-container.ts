import type Docker from 'dockerode'
import { statusOf } from './engine-fault.ts'

/** It is gone already, or the engine is about to remove it because it ended. */
const GONE = [404, 409]

/** End a container with its processes and remove it. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (thrown) {
    if (!GONE.includes(statusOf(thrown) ?? 0)) throw thrown
  }
}
