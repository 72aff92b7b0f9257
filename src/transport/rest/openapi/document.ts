import { FAULTS } from '../../../contract/fault.ts'
import { SESSION_COOKIE } from '../../authenticate.ts'

/** Paths and schemas that one or more operations bring into a document. */
export interface Fragment {
  readonly paths: Readonly<Record<string, object>>
  readonly schemas: Readonly<Record<string, object>>
}

const PROBLEM = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'request_id'],
  properties: {
    type: { type: 'string', description: 'Leads to the paragraph on the code.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened, what was expected, and the way out.' },
    code: { type: 'string', enum: Object.keys(FAULTS) },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later.' },
    request_id: { type: 'string', description: 'Leads to the record of the call.' },
    errors: {
      type: 'array',
      description: 'Everything that is wrong with the input.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer (RFC 6901) into the input.' },
          message: { type: 'string' },
        },
      },
    },
    data: { type: 'object', description: 'Further facts, e.g. the right that is missing.' },
  },
} as const

const TOOL_ANSWER = {
  type: 'object',
  description: 'What the tool answered. A failing tool is an answer too, with `isError`.',
  required: ['content', 'isError', 'durationMs', 'requestId'],
  properties: {
    content: { type: 'array', items: { type: 'object' }, description: 'MCP content blocks.' },
    structuredContent: { type: 'object', description: 'The same as data, for tools that declare an output.' },
    isError: { type: 'boolean' },
    durationMs: { type: 'number' },
    requestId: { type: 'string' },
  },
} as const

const problem = (description: string, headers?: object): object => ({
  description,
  ...(headers && { headers }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const RESPONSES = {
  Unauthorized: problem('Credentials are missing or not valid.', { 'WWW-Authenticate': { schema: { type: 'string' } } }),
  Refused: problem('The request was refused; `code` says why.', {
    'Retry-After': { description: 'Seconds after which it may succeed, where that is known.', schema: { type: 'integer' } },
  }),
  Failed: problem('The gateway or what stands behind it failed.', {
    'Retry-After': { description: 'Seconds after which it may succeed, where that is known.', schema: { type: 'integer' } },
  }),
} as const

/** The refusals that any address may answer with. */
export const PROBLEM_RESPONSES = {
  '401': { $ref: '#/components/responses/Unauthorized' },
  '4XX': { $ref: '#/components/responses/Refused' },
  '5XX': { $ref: '#/components/responses/Failed' },
} as const

/** Credentials of requests that change something: a session needs its CSRF token too. */
export const WRITE_SECURITY = [{ bearer: [] }, { session: [], csrf: [] }] as const

interface Frame {
  readonly title: string
  readonly description: string
  readonly version: string
  /** Without a trailing slash. */
  readonly url: string
}

/** Put fragments together to an OpenAPI 3.1 document. */
export function createDocument({ title, description, version, url }: Frame, fragments: readonly Fragment[]): object {
  return {
    openapi: '3.1.0',
    info: { title, description, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url }],
    security: [{ bearer: [] }, { session: [] }],
    paths: mergePaths(fragments),
    components: {
      schemas: Object.assign({ Problem: PROBLEM, ToolAnswer: TOOL_ANSWER }, ...fragments.map(({ schemas }) => schemas)),
      responses: RESPONSES,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of the gateway.' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'The session of the web console.' },
        csrf: { type: 'apiKey', in: 'header', name: 'X-CSRF-Token', description: "The session's CSRF token." },
      },
    },
  }
}

function mergePaths(fragments: readonly Fragment[]): Record<string, object> {
  const merged: Record<string, object> = {}
  for (const { paths } of fragments) {
    for (const [path, item] of Object.entries(paths)) merged[path] = { ...merged[path], ...item }
  }
  return merged
}
