import { Roster, type Seat } from '../../core/churn/roster.ts'

/** Something that is to be looked at when its time has come. */
export interface Deadline {
  /** Ms on the wheel's clock. May be moved later at any time; the wheel looks again then. */
  dueAtMs: number
  /** Called once, at most one tick after `dueAtMs`. */
  expire(): void
  /** The wheel's own: where it waits. */
  seat?: Seat | undefined
}

/** Many deadlines on one timer, because most of them are never reached. */
export interface TimerWheel {
  nowMs(): number
  add(deadline: Deadline): void
  remove(deadline: Deadline): void
  /** How many deadlines wait. */
  readonly size: number
}

interface WheelOptions {
  /** How late a deadline may be noticed, default 100 ms. */
  readonly tickMs?: number
  /** A clock that never goes back; default `performance.now`. */
  readonly nowMs?: () => number
}

/** One interval for all deadlines, running only while there are any, and never keeping the process alive. */
export function createTimerWheel({ tickMs = 100, nowMs = () => performance.now() }: WheelOptions = {}): TimerWheel {
  const slots = new Map<number, Roster<Deadline>>()
  let size = 0
  let timer: NodeJS.Timeout | undefined

  const add = (deadline: Deadline): void => {
    const number = Math.ceil(deadline.dueAtMs / tickMs)
    let slot = slots.get(number)
    if (slot === undefined) {
      slot = new Roster()
      slots.set(number, slot)
    }
    deadline.seat = slot.add(deadline)
    size += 1
    if (timer === undefined) {
      timer = setInterval(tick, tickMs)
      timer.unref()
    }
  }
  const remove = (deadline: Deadline): void => {
    if (deadline.seat === undefined) return
    deadline.seat.leave()
    deadline.seat = undefined
    size -= 1
  }
  const tick = (): void => {
    const now = nowMs()
    const current = Math.floor(now / tickMs)
    // Walk the slots that exist, not the numbers between: after a suspend there may be millions of numbers.
    for (const [number, slot] of [...slots]) {
      const isDue = number <= current
      // An empty one is kept until now, because the next call is likely to need it again.
      if (isDue || slot.size === 0) slots.delete(number)
      if (isDue) turn(slot, now)
    }
    if (size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
  const turn = (slot: Roster<Deadline>, now: number): void => {
    for (let deadline = slot.first; deadline !== undefined; deadline = slot.first) {
      remove(deadline)
      if (deadline.dueAtMs > now) add(deadline)
      else deadline.expire()
    }
  }
  return {
    nowMs,
    add,
    remove,
    get size() {
      return size
    },
  }
}
