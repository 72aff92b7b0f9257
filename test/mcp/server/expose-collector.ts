import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Lets a test collect garbage when it wants to know what is left. */
export function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  // Twice, because finalizers of the first round free more.
  return () => {
    gc()
    gc()
  }
}
