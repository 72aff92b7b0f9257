/** A member's place in a roster. */
export interface Seat {
  /** Be a member no longer. Safe to call twice. */
  leave(): void
}

/**
 * What comes and goes with every call, in the order in which it came.
 *
 * Not a `Set`, because V8's collector pays for sets and maps that change all the time: a table that was outgrown points to the one that took its
 * place, so that once a single one has grown old, all that follow, and what they held when they were outgrown, are copied into the old generation as
 * well. Measured in a loop with 100 objects that come and go: 20 ms for each collection instead of 0.2 ms.
 */
export class Roster<Member> {
  #first: Chair<Member> | undefined
  #last: Chair<Member> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The member that came first of those that are here. */
  get first(): Member | undefined {
    return this.#first?.member
  }

  add(member: Member): Seat {
    const chair = new Chair(this.#leave, member, this.#last)
    if (this.#last) this.#last.next = chair
    else this.#first = chair
    this.#last = chair
    this.#size += 1
    return chair
  }

  find(matches: (member: Member) => boolean): Member | undefined {
    for (let chair = this.#first; chair; chair = chair.next) if (matches(chair.member)) return chair.member
    return undefined
  }

  /** As they are now, the first that came first. */
  all(): Member[] {
    const members: Member[] = []
    for (let chair = this.#first; chair; chair = chair.next) members.push(chair.member)
    return members
  }

  readonly #leave = (chair: Chair<Member>): void => {
    if (chair.before) chair.before.next = chair.next
    else this.#first = chair.next
    if (chair.next) chair.next.before = chair.before
    else this.#last = chair.before
    // One that has grown old must not keep others.
    chair.before = chair.next = undefined
    this.#size -= 1
  }
}

class Chair<Member> implements Seat {
  readonly member: Member
  before: Chair<Member> | undefined
  next: Chair<Member> | undefined
  #leave: ((chair: Chair<Member>) => void) | undefined

  constructor(leave: (chair: Chair<Member>) => void, member: Member, before: Chair<Member> | undefined) {
    this.member = member
    this.before = before
    this.next = undefined
    this.#leave = leave
  }

  leave(): void {
    const leave = this.#leave
    this.#leave = undefined
    leave?.(this)
  }
}
