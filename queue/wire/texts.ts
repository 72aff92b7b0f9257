import { FULL_FRAME_CHARS, MAX_PER_FRAME } from './limits.ts'
import { WireError } from './wire-error.ts'

/** Cut a body into its texts. Sizes are in characters (UTF-16), because bytes would have to be counted for each. @throws WireError */
export function cutTexts(body: string, sizes: readonly number[]): string[] {
  const texts = new Array<string>(sizes.length)
  let from = 0
  for (let index = 0; index < sizes.length; index++) {
    const to = from + (sizes[index] as number)
    texts[index] = body.slice(from, to)
    from = to
  }
  if (from !== body.length) throw new WireError(`Texts of ${from} characters in a body of ${body.length}.`)
  return texts
}

/** Part a list so that each part fits into a frame. */
export function* partForFrames<Item>(items: readonly Item[], chars: (item: Item) => number): Generator<readonly Item[]> {
  let from = 0
  let held = 0
  for (let index = 0; index < items.length; index++) {
    const size = chars(items[index] as Item)
    if (index > from && (held + size > FULL_FRAME_CHARS || index - from === MAX_PER_FRAME)) {
      yield items.slice(from, index)
      from = index
      held = 0
    }
    held += size
  }
  if (from < items.length) yield from === 0 ? items : items.slice(from)
}
