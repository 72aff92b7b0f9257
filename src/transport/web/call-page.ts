import type { Effect, JsonSchema, Tool } from '../../contract/tool.ts'
import { estimateTokens } from '../../core/token-estimate.ts'
import type { Attempt } from './console.ts'
import { curlCommand } from './curl-command.ts'
import type { FormArguments } from './schema-form/arguments-of.ts'
import { type Form, formOf } from './schema-form/form-of.ts'

/** What the page of one tool shows. Everything in it is plain text: a description may come from anywhere. */
export interface CallPage {
  readonly [more: string]: unknown
  readonly tool: {
    readonly name: string
    readonly localName: string
    readonly source: string
    readonly isOperation: boolean
    readonly effect: Effect
    readonly idempotent: boolean
    readonly permit: string
    /** What it is for, in as many words as stand well above its form. */
    readonly summary: string
    /** All of it, where the summary had to leave something out. */
    readonly description: string | undefined
    readonly inputSchema: string
    readonly outputSchema: string | undefined
    readonly tokens: number
  }
  readonly form: Form
  readonly attempt: Attempt | undefined
  readonly curl: string
}

/** A longer description stands apart, so that the form is not pushed out of sight. */
const SUMMARY_CHARS = 360

/** What a person calls it: its own title where it has one. */
export function titleOf(tool: Tool): string {
  const annotated = (tool.definition.annotations as { title?: unknown } | undefined)?.title
  const title = tool.definition.title ?? annotated
  return typeof title === 'string' && title.trim() !== '' ? title : tool.localName
}

interface CallParts {
  readonly tool: Tool
  /** Its input schema as the form reads it. */
  readonly schema: JsonSchema
  /** Where the gateway is reached. */
  readonly address: string
  /** Its REST route under `/api`: `POST /tools/files/read_file`. */
  readonly route: string
  readonly given: FormArguments
  readonly attempt: Attempt | undefined
}

/** Build the page of a tool. Pure. */
export function callPage({ tool, schema, address, route, given, attempt }: CallParts): CallPage {
  const { definition } = tool
  const text = definition.description ?? ''
  const form = formOf(schema, given.value, {
    details: attempt?.fault?.details ?? given.details,
    labels: tool.kind === 'operation' ? 'words' : 'names',
  })
  return {
    tool: {
      name: tool.name,
      localName: tool.localName,
      source: tool.source,
      isOperation: tool.kind === 'operation',
      effect: tool.effect,
      idempotent: tool.idempotent,
      permit: tool.permit,
      summary: text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS)}…` : text,
      description: text.length > SUMMARY_CHARS ? text : undefined,
      inputSchema: JSON.stringify(definition.inputSchema, null, 2),
      outputSchema: definition.outputSchema && JSON.stringify(definition.outputSchema, null, 2),
      tokens: estimateTokens(definition),
    },
    form,
    attempt,
    curl: curlCommand({ schema, address, route, value: given.value }),
  }
}
