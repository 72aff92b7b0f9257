import { existsSync } from 'node:fs'

/** The package's folder, as a file URL with a final slash; the same from `src` and from `dist/src`. */
export const packageRoot: URL = [new URL('../../', import.meta.url), new URL('../../../', import.meta.url)].find((folder) =>
  existsSync(new URL('package.json', folder)),
)!
