import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Real documents lie beside the checkout, because they are not ours to hand on. */
const FOLDER = join(import.meta.dirname, '../../../../../shared/corpus/openapi')

/** Names of the real documents; none where they are not there. */
export const CORPUS: readonly string[] = existsSync(FOLDER)
  ? readdirSync(FOLDER).filter((name) => /\.(?:json|ya?ml)$/.test(name))
  : []

/** Text of one of them. */
export const corpusText = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

if (CORPUS.length === 0) console.warn(`There are no documents in ${FOLDER}: tests over real documents are skipped.`)
