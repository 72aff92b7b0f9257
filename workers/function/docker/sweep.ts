import type Docker from 'dockerode'
import { isOrphan, ofInstallation } from './labels.ts'
import { removeContainer } from './remove-container.ts'

/** Remove the containers of this installation that nobody looks after any more. @returns how many */
export async function sweep(engine: Docker, installation: string, nowMs: number): Promise<number> {
  const all = await engine.listContainers({ all: true, filters: ofInstallation(installation) })
  const orphans = all.filter(({ Labels }) => isOrphan(Labels, nowMs))
  await Promise.all(orphans.map(({ Id }) => removeContainer(engine.getContainer(Id))))
  return orphans.length
}
