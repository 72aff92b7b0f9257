import type { FunctionProgram } from '../../../queue/function.lane.ts'
import { type DockerSettings, isImageByDigest } from '../../../queue/function.settings.ts'
import { BackendRefusal } from '../backend-refusal.ts'

/** The image of a program. @throws BackendRefusal for one that is missing, not named by digest, or not allowed */
export function imageOf({ image }: FunctionProgram, { images }: DockerSettings): string {
  if (image === null) throw new BackendRefusal('invalid', 'A function that runs in Docker needs an image: name@sha256:….')
  if (!isImageByDigest(image)) {
    throw new BackendRefusal(
      'invalid',
      `The image ${image.slice(0, 300)} is not named by digest; name@sha256:<64 hex digits> was expected, because a tag means something else tomorrow. docker image inspect --format '{{index .RepoDigests 0}}' <image> says it.`,
    )
  }
  if (!images.includes(image) && !images.includes(image.slice(0, image.indexOf('@'))))
    throw new BackendRefusal(
      'disabled',
      `The image ${image} is not allowed. Add it (or its name) to images in [function.docker].`,
    )
  return image
}
