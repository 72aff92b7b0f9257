import { Fault } from '../../contract/fault.ts'
import type { Callable, Tool } from '../../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { cutResult, isLargeBinary } from './cut-result.ts'
import { measure } from './measure.ts'
import type { ResultStore } from './result.store.ts'

/**
 * Bring an answer under the limits. Nothing is done to, and no promise is made for, one that is small, as nearly all are.
 *
 * @throws Fault `too_large` over the hard limit
 */
export function shapeResult(store: ResultStore, visit: Visit, answer: Answer): Answer | Promise<Answer> {
  const { softLimitBytes, binaryLimitBytes, hardLimitBytes } = store.settings
  const value = answer.kind === 'data' ? answer.data : answer.result
  const sizeBytes = measure(value, softLimitBytes)
  if (sizeBytes <= binaryLimitBytes) return answer
  if (answer.kind === 'data') {
    if (measure(value, hardLimitBytes) > hardLimitBytes) throw tooLarge(visit, hardLimitBytes)
    return answer
  }
  const isOver = sizeBytes > softLimitBytes || answer.result.content?.some((block) => isLargeBinary(block, binaryLimitBytes))
  return isOver ? keepAndCut(store, visit, answer.result) : answer
}

async function keepAndCut(store: ResultStore, visit: Visit, result: RelayedResult): Promise<Answer> {
  const { hardLimitBytes } = store.settings
  const { text, mediaType } = whole(result)
  const bytes = Buffer.from(text)
  if (bytes.length > hardLimitBytes) throw tooLarge(visit, hardLimitBytes)
  const { ref } = await store.keep({ ownerId: visit.caller.id, tool: visit.tool.name, mediaType, bytes })
  const declaresOutput = declaresOutputSchema(visit.tool) && result.isError !== true
  const kept = { ref, originalBytes: bytes.length, declaresOutput, mayRead: visit.caller.grants.allows('result.read') }
  return { kind: 'relay', result: cutResult(result, store.settings, kept) }
}

const declaresOutputSchema = (tool: Callable): boolean =>
  'definition' in tool && (tool as Tool).definition.outputSchema !== undefined

/** A result that is one text is kept as that text, because it reads better than its JSON. */
function whole(result: RelayedResult): { readonly text: string; readonly mediaType: string } {
  const [block, ...others] = result.content ?? []
  const isText = block?.['type'] === 'text' && typeof block['text'] === 'string'
  return isText && others.length === 0 && result.structuredContent === undefined
    ? { text: block['text'] as string, mediaType: 'text/plain' }
    : { text: JSON.stringify(result), mediaType: 'application/json' }
}

const tooLarge = ({ tool }: Visit, limitBytes: number): Fault =>
  new Fault(
    'too_large',
    `The result of ${tool.name} is larger than ${limitBytes} bytes. Ask for less, or raise hardLimitBytes.`,
    { data: { limitBytes } },
  )
