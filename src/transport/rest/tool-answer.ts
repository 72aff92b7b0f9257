import type { Answer } from '../../contract/visit.ts'

/** What a tool call over REST answers: an MCP `CallToolResult`, unknown fields included, and how it went. */
export interface ToolAnswer {
  readonly content: readonly object[]
  readonly structuredContent?: unknown
  /** The tool ran and reports a failure; HTTP still says 200. */
  readonly isError: boolean
  /** From the door to the answer, in ms with one decimal. */
  readonly durationMs: number
  readonly requestId: string
  readonly [extra: string]: unknown
}

/**
 * The arguments in a body: `{"arguments": {…}}` or the arguments themselves; no body is no arguments.
 *
 * An object whose only field is `arguments`, itself an object, is always taken as the wrapped form. A tool with a parameter called `arguments`
 * is therefore called with `{"arguments": {"arguments": …}}`; whoever always wraps is always understood.
 */
export function argumentsOf(body: unknown): unknown {
  if (body === undefined) return {}
  if (!isObject(body) || !isObject(body['arguments']) || Object.keys(body).length > 1) return body
  return body['arguments']
}

/** Put an answer of the door into REST's form. */
export function toolAnswer(answer: Answer, requestId: string, durationMs: number): ToolAnswer {
  const facts = { durationMs: Math.round(durationMs * 10) / 10, requestId }
  if (answer.kind === 'relay') {
    return { ...answer.result, content: answer.result.content ?? [], isError: answer.result.isError === true, ...facts }
  }
  return {
    content: [{ type: 'text', text: JSON.stringify(answer.data) }],
    structuredContent: answer.data,
    isError: false,
    ...facts,
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
