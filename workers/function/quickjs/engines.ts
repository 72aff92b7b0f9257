import { Engine } from './engine.ts'

const free: Engine[] = []

/** The engines of this thread: one as long as it runs one function at a time. An engine is never shared by two runs. */
export const engines = {
  take: (): Engine => free.pop() ?? new Engine(),

  /** @param isWhole whether it came out of its last call as it should have */
  giveBack(engine: Engine, isWhole: boolean): void {
    engine.end()
    if (isWhole && engine.isReusable) free.push(engine)
  },
}
