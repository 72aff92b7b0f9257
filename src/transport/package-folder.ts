import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this package, whether we run from `src` or from `dist`. */
export function packageFolder(from = fileURLToPath(import.meta.url)): string {
  const folder = dirname(from)
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'views'))) return folder
  if (folder === from) throw new TypeError('The folder of the package, with package.json and views in it, was not found.')
  return packageFolder(folder)
}
