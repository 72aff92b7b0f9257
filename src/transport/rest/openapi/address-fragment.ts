import { z } from 'zod'
import type { JsonSchema } from '../../../contract/tool.ts'
import { toolListAnswer, toolListQuery } from '../tool-list.ts'
import { type Fragment, PROBLEM_RESPONSES, WRITE_SECURITY } from './document.ts'
import { relocate } from './relocate.ts'

const ADDRESS = [
  {
    name: 'source',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'A module or the alias of an upstream.',
  },
  { name: 'tool', in: 'path', required: true, schema: { type: 'string' }, description: 'Its name within the source.' },
] as const

const EVENTS = 'Events `progress`, then one `result` (as in JSON) or `error` (a problem document).'

/** The addresses that reach every tool, whatever its source. */
export function addressFragment(): Fragment {
  return {
    paths: { '/api/tools': { get: list() }, '/api/tools/{source}/{tool}': { get: definition(), post: call() } },
    schemas: { ToolList: relocate(z.toJSONSchema(toolListAnswer) as JsonSchema, '#/components/schemas/ToolList') },
  }
}

function list(): object {
  const query = z.toJSONSchema(toolListQuery, { io: 'input' })
  return {
    operationId: 'list_tools',
    tags: ['tools'],
    summary: 'List the tools that you may call.',
    parameters: Object.entries(query.properties ?? {}).map(([name, schema]) => ({ name, in: 'query', schema })),
    responses: { 200: answer('One page, sorted by name.', { $ref: '#/components/schemas/ToolList' }), ...PROBLEM_RESPONSES },
  }
}

function definition(): object {
  return {
    operationId: 'get_tool',
    tags: ['tools'],
    summary: 'Show one tool with its schemas.',
    parameters: ADDRESS,
    responses: {
      200: answer('The definition as MCP clients see it, with source, kind and effect.', {
        type: 'object',
        required: ['name', 'source', 'tool', 'kind', 'effect', 'inputSchema'],
        properties: { name: { type: 'string' }, inputSchema: { type: 'object' }, outputSchema: { type: 'object' } },
      }),
      ...PROBLEM_RESPONSES,
    },
  }
}

function call(): object {
  const example = { value: { arguments: { message: 'hello' } } }
  return {
    operationId: 'call_tool',
    tags: ['tools'],
    summary: 'Call a tool.',
    description:
      'The body is `{"arguments": {…}}`, or the arguments themselves. A body whose only field is an object called `arguments` is the wrapped form.',
    security: WRITE_SECURITY,
    parameters: ADDRESS,
    requestBody: {
      required: false,
      content: { 'application/json': { schema: { type: 'object' }, examples: { wrapped: example } } },
    },
    responses: {
      200: {
        description: 'The tool answered; `isError` says whether it reports a failure.',
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/ToolAnswer' } },
          'text/event-stream': { schema: { type: 'string', description: EVENTS } },
        },
      },
      ...PROBLEM_RESPONSES,
    },
  }
}

const answer = (description: string, schema: object): object => ({ description, content: { 'application/json': { schema } } })
