import { Fault } from '../../contract/fault.ts'
import type { Release } from '../../contract/tool.ts'

/** A limited number of places, and a queue before them. */
export interface Gate {
  /**
   * Take a place, at once where one is free.
   *
   * @throws Fault `busy` when the queue is full, `cancelled` when the signal comes first
   */
  enter(signal: AbortSignal): Release | Promise<Release>
  readonly inside: number
  readonly waiting: number
}

interface Waiter {
  readonly admit: () => void
}

/** First come, first served. `what` names the thing in faults. */
export function createGate(what: string, places: number, maxWaiting: number): Gate {
  const queue = new Set<Waiter>()
  let inside = 0

  const makeRelease = (): Release => {
    let held = true
    return () => {
      if (!held) return
      held = false
      inside -= 1
      next()
    }
  }
  const next = (): void => {
    const [waiter] = queue
    if (waiter === undefined || inside >= places) return
    queue.delete(waiter)
    waiter.admit()
  }
  const wait = (signal: AbortSignal): Promise<Release> => {
    const { promise, resolve, reject } = Promise.withResolvers<Release>()
    const leave = (): void => {
      queue.delete(waiter)
      reject(new Fault('cancelled', `The call was cancelled while it waited for a place at ${what}.`))
    }
    const waiter: Waiter = {
      admit() {
        signal.removeEventListener('abort', leave)
        inside += 1
        resolve(makeRelease())
      },
    }
    queue.add(waiter)
    signal.addEventListener('abort', leave)
    return promise
  }
  return {
    enter(signal) {
      if (inside < places) {
        inside += 1
        return makeRelease()
      }
      if (queue.size >= maxWaiting) {
        throw new Fault('busy', `All ${places} places at ${what} are taken and ${queue.size} calls wait. Try again shortly.`, {
          retryAfterMs: 1_000,
        })
      }
      if (signal.aborted) throw new Fault('cancelled', 'The call was cancelled by the caller.')
      return wait(signal)
    },
    get inside() {
      return inside
    },
    get waiting() {
      return queue.size
    },
  }
}
