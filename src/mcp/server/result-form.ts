import type { Answer, RelayedResult } from '../../contract/visit.ts'
import { META } from '../meta-key.ts'

/** How one era spells a result. */
export interface ResultForm {
  /** A server's result as this era has it; the same object where nothing is to be changed. @param method that it answers */
  dress(result: RelayedResult, method: string): RelayedResult
  /** What a result of the gateway's own tools begins with: JSON members, each followed by a comma. */
  readonly ownMembers: string
}

/** The session era: what the stateless one adds to every result is taken away again. */
export const SESSION_FORM: ResultForm = {
  dress(result) {
    const introduced = result['_meta'] !== undefined && Object.hasOwn(Object(result['_meta']), META.serverInfo)
    if (!introduced && !('resultType' in result) && !('ttlMs' in result) && !('cacheScope' in result)) return result
    const { resultType, ttlMs: _ttl, cacheScope: _scope, _meta, ...rest } = result
    const { [META.serverInfo]: _info, ...meta } = Object(_meta)
    return {
      // Other kinds belong to extensions that both sides agreed on.
      ...(resultType !== undefined && resultType !== 'complete' && { resultType }),
      ...rest,
      ...(_meta !== undefined && (!introduced || Object.keys(meta).length > 0) && { _meta: introduced ? meta : _meta }),
    }
  },
  ownMembers: '',
}

/** An answer as the JSON of a result: a server's as it came but for the era's form, an operation's as text and as structured content. */
export function answerText(answer: Answer, method: string, form: ResultForm): string {
  if (answer.kind === 'relay') return JSON.stringify(form.dress(answer.result, method))
  const data = JSON.stringify(answer.data)
  return `{${form.ownMembers}"content":[{"type":"text","text":${JSON.stringify(data)}}],"structuredContent":${data}}`
}
