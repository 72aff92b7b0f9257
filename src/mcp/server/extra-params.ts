import { isRecord } from './message.ts'

type Params = Readonly<Record<string, unknown>>

/**
 * What of a request's `params` travels on untouched, or `undefined` for nothing.
 *
 * @param used fields that its name and arguments say already
 * @param ownMeta keys of `_meta` that are meant for this server; the progress token always is, since it is ours to restore on the way back
 */
export function extraParams(params: Params, used: readonly string[], ownMeta: readonly string[] = []): Params | undefined {
  const kept = Object.entries(params).filter(([key]) => key !== '_meta' && !used.includes(key))
  const meta = isRecord(params['_meta']) ? restOfMeta(params['_meta'], ownMeta) : undefined
  if (meta) kept.push(['_meta', meta])
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

function restOfMeta(meta: Params, ownMeta: readonly string[]): Params | undefined {
  const kept = Object.entries(meta).filter(([key]) => key !== 'progressToken' && !ownMeta.includes(key))
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}
