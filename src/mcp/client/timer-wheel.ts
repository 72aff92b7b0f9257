/** Something that is to be looked at when its time has come. */
export interface Deadline {
  /** Ms on the wheel's clock. May be moved later at any time; the wheel looks again then. */
  dueAtMs: number
  /** Called once, at most one tick after `dueAtMs`. */
  expire(): void
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
  const slots = new Map<number, Set<Deadline>>()
  const slotOf = new Map<Deadline, number>()
  let timer: NodeJS.Timeout | undefined

  const add = (deadline: Deadline): void => {
    const number = Math.ceil(deadline.dueAtMs / tickMs)
    let slot = slots.get(number)
    if (slot === undefined) {
      slot = new Set()
      slots.set(number, slot)
    }
    slot.add(deadline)
    slotOf.set(deadline, number)
    if (timer === undefined) {
      timer = setInterval(tick, tickMs)
      timer.unref()
    }
  }
  const remove = (deadline: Deadline): void => {
    const number = slotOf.get(deadline)
    if (number === undefined) return
    slotOf.delete(deadline)
    const slot = slots.get(number)
    slot?.delete(deadline)
    if (slot?.size === 0) slots.delete(number)
  }
  const tick = (): void => {
    const now = nowMs()
    const current = Math.floor(now / tickMs)
    // Walk the slots that exist, not the numbers between: after a suspend there may be millions of numbers.
    for (const [number, slot] of [...slots]) if (number <= current) turn(number, slot, now)
    if (slotOf.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
  const turn = (number: number, slot: Set<Deadline>, now: number): void => {
    slots.delete(number)
    for (const deadline of slot) {
      slotOf.delete(deadline)
      if (deadline.dueAtMs > now) add(deadline)
      else deadline.expire()
    }
  }
  return {
    nowMs,
    add,
    remove,
    get size() {
      return slotOf.size
    },
  }
}
