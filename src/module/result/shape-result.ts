import { Fault } from '../../contract/fault.ts'
import type { Callable, Kind, Tool } from '../../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { type Block, isLargeBinary, isRecord, type Kept, type Limits } from './cut-block.ts'
import { cutContents } from './cut-contents.ts'
import { cutMessages } from './cut-messages.ts'
import { cutResult } from './cut-result.ts'
import { measure } from './measure.ts'
import type { ResultStore } from './result.store.ts'

/** Where the parts stand of what each kind answers; the others answer nothing that could be cut. */
const PARTS: Readonly<Partial<Record<Kind, 'content' | 'messages' | 'contents'>>> = {
  operation: 'content',
  dynamic: 'content',
  task: 'content',
  prompt: 'messages',
  resource: 'contents',
  template: 'contents',
}

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
  const inlined = inlinedIn(visit, answer)
  if (inlined) return withInlined(store, visit, value, inlined)
  const cut = answer.kind === 'relay' ? cutterOf(visit.tool.kind, answer.result) : undefined
  if (answer.kind === 'data' || !cut) {
    if (measure(value, hardLimitBytes) > hardLimitBytes) throw tooLarge(visit, hardLimitBytes)
    return answer
  }
  const isOver = sizeBytes > softLimitBytes || hasLargeBinary(visit.tool.kind, answer.result, binaryLimitBytes)
  return isOver ? keepAndCut(store, visit, answer.result, cut) : answer
}

/** What a task of the stateless era ended with stands in the answer about it. */
const inlinedIn = ({ tool }: Visit, answer: Answer): RelayedResult | undefined =>
  answer.kind === 'relay' && tool.kind === 'task' && isRecord(answer.result['result']) ? answer.result['result'] : undefined

async function withInlined(
  store: ResultStore,
  visit: Visit,
  about: Readonly<Record<string, unknown>>,
  inlined: RelayedResult,
): Promise<Answer> {
  const shaped = await shapeResult(store, visit, { kind: 'relay', result: inlined })
  return { kind: 'relay', result: { ...about, ...(shaped.kind === 'relay' && { result: shaped.result }) } }
}

type Cut = (limits: Limits, kept: Kept) => RelayedResult

/** How a result is cut so that it keeps its shape; `undefined` where it has none that we know, or asks its client for something first. */
function cutterOf(kind: Kind, result: RelayedResult): Cut | undefined {
  const parts = PARTS[kind]
  if (parts === undefined || result['inputRequests'] !== undefined) return undefined
  const listed = parts === 'content' && result.structuredContent !== undefined ? (result.content ?? []) : result[parts]
  if (!Array.isArray(listed) || !listed.every(isRecord)) return undefined
  if (parts === 'content') return (limits, kept) => cutResult(result, limits, kept)
  return (limits, kept) => (parts === 'messages' ? cutMessages : cutContents)(result, listed, limits, kept)
}

/** What a resource holds was asked for as such, however large a file it is; within a result or a prompt, files fill the model's context. */
function hasLargeBinary(kind: Kind, result: RelayedResult, limitBytes: number): boolean {
  if (PARTS[kind] === 'content') return (result.content ?? []).some((block) => isLargeBinary(block, limitBytes))
  if (PARTS[kind] !== 'messages') return false
  const messages = result['messages'] as readonly { readonly content?: unknown }[]
  return messages.some(({ content }) => [content].flat().some((block) => isLargeBinary(block, limitBytes)))
}

async function keepAndCut(store: ResultStore, visit: Visit, result: RelayedResult, cut: Cut): Promise<Answer> {
  const { hardLimitBytes } = store.settings
  const { text, mediaType } = whole(visit.tool.kind, result)
  const bytes = Buffer.from(text)
  if (bytes.length > hardLimitBytes) throw tooLarge(visit, hardLimitBytes)
  const { ref } = await store.keep({ ownerId: visit.caller.id, tool: visit.tool.name, mediaType, bytes })
  const declaresOutput = declaresOutputSchema(visit.tool) && result.isError !== true
  const kept = { ref, originalBytes: bytes.length, declaresOutput, mayRead: visit.caller.grants.allows('result.read') }
  return { kind: 'relay', result: cut(store.settings, kept) }
}

const declaresOutputSchema = (tool: Callable): boolean =>
  'definition' in tool && (tool as Tool).definition.outputSchema !== undefined

/** A result that is one text is kept as that text, because it reads better than its JSON. */
function whole(kind: Kind, result: RelayedResult): { readonly text: string; readonly mediaType: string } {
  const [part, ...others] = (result[PARTS[kind] ?? 'content'] ?? []) as readonly Block[]
  const isText = typeof part?.['text'] === 'string' && (part['type'] ?? 'text') === 'text'
  return isText && others.length === 0 && result.structuredContent === undefined
    ? { text: part['text'] as string, mediaType: 'text/plain' }
    : { text: JSON.stringify(result), mediaType: 'application/json' }
}

const tooLarge = ({ tool }: Visit, limitBytes: number): Fault =>
  new Fault(
    'too_large',
    `The result of ${tool.name} is larger than ${limitBytes} bytes. Ask for less, or raise hardLimitBytes.`,
    { data: { limitBytes } },
  )
