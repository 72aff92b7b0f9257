/** Ids, lowest first. Eight bytes each, so that a million waiting jobs are a small thing. */
export interface IdQueue {
  ids: number[]
  /** What lies before it was taken. */
  head: number
}

/** Taken places that are kept before the array is cut. */
const SLACK = 1_024

export const sizeOf = ({ ids, head }: IdQueue): number => ids.length - head

/** Put an id where it belongs; at the end, as a rule. */
export function addId(queue: IdQueue, id: number): void {
  const { ids } = queue
  if (sizeOf(queue) === 0 || ids[ids.length - 1]! < id) ids.push(id)
  else ids.splice(placeOf(queue, id), 0, id)
}

/** Take the lowest. Only from a queue that is not empty. */
export function takeId(queue: IdQueue): number {
  const id = queue.ids[queue.head]!
  queue.head += 1
  if (queue.head === queue.ids.length || (queue.head > SLACK && queue.head * 2 > queue.ids.length)) cut(queue)
  return id
}

/** Take one out of the middle, where it is in there. */
export function removeId(queue: IdQueue, id: number): void {
  const at = placeOf(queue, id)
  if (queue.ids[at] === id) queue.ids.splice(at, 1)
}

function cut(queue: IdQueue): void {
  queue.ids = queue.ids.slice(queue.head)
  queue.head = 0
}

/** The first place whose id is not lower. */
function placeOf({ ids, head }: IdQueue, id: number): number {
  let low = head
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}
