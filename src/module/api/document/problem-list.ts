import type { DocumentProblem } from './api-document.ts'
import { Misfit } from './misfit.ts'
import { pointerOf, type Site } from './site.ts'

/** More than this nobody reads. */
const MOST = 1_000

/** Collects what is wrong with a document, each thing once. */
export interface ProblemList {
  error(site: Site, message: string): void
  warn(site: Site, message: string): void
  /** Do something; where that does not fit, say so and give back `undefined`. */
  attempt<T>(work: () => T, severity?: DocumentProblem['severity'], consequence?: string): T | undefined
  all(): readonly DocumentProblem[]
}

/** An empty list. */
export function createProblemList(): ProblemList {
  const seen = new Map<string, DocumentProblem>()
  let left = 0
  const add = (pointer: string, message: string, severity: DocumentProblem['severity']): void => {
    const key = `${severity} ${pointer} ${message}`
    if (seen.size < MOST || seen.has(key)) seen.set(key, { pointer, message: message.slice(0, 500), severity })
    else left += 1
  }
  return {
    error: (site, message) => add(pointerOf(site), message, 'error'),
    warn: (site, message) => add(pointerOf(site), message, 'warning'),
    attempt: (work, severity = 'error', consequence = '') => {
      try {
        return work()
      } catch (thrown) {
        if (!(thrown instanceof Misfit)) throw thrown
        add(thrown.pointer, thrown.message + consequence, severity)
        return undefined
      }
    },
    all: () => {
      const rest = { pointer: '', message: `${left} more problems are not listed.`, severity: 'warning' } as const
      return left === 0 ? [...seen.values()] : [...seen.values(), rest]
    },
  }
}
