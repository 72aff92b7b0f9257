import type { Tool } from '../../../contract/tool.ts'
import { type Fragment, PROBLEM_RESPONSES, WRITE_SECURITY } from './document.ts'
import { relocate } from './relocate.ts'

/**
 * What each dynamic tool brings into the document: one POST at its own address, its body the arguments.
 *
 * Operation ids are the tools' names with `-` as `_`, since generated clients make function names of them; a number keeps them apart.
 */
export function toolFragments(tools: readonly Tool[]): Fragment[] {
  const taken = new Set<string>()
  return tools.map((tool) => {
    const id = uniqueId(tool.name.replaceAll('-', '_'), taken)
    taken.add(id)
    return toolFragment(tool, id)
  })
}

function uniqueId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted
  for (let number = 2; taken.has(id); number += 1) id = `${wanted}_${number}`
  return id
}

function toolFragment({ source, localName, definition }: Tool, id: string): Fragment {
  const { title, description, inputSchema, outputSchema } = definition
  const required = Array.isArray(inputSchema['required']) && inputSchema['required'].length > 0
  return {
    paths: {
      [`/api/tools/${encodeURIComponent(source)}/${encodeURIComponent(localName)}`]: {
        post: {
          operationId: id,
          tags: [source],
          summary: typeof title === 'string' ? title : localName,
          ...(typeof description === 'string' && { description }),
          security: WRITE_SECURITY,
          requestBody: { required, content: { 'application/json': { schema: { $ref: place(`${id}_arguments`) } } } },
          responses: {
            200: {
              description: 'The tool answered.',
              content: { 'application/json': { schema: answerSchema(id, outputSchema) } },
            },
            ...PROBLEM_RESPONSES,
          },
        },
      },
    },
    schemas: {
      [`${id}_arguments`]: relocate(inputSchema, place(`${id}_arguments`)),
      ...(outputSchema && { [`${id}_output`]: relocate(outputSchema, place(`${id}_output`)) }),
    },
  }
}

function answerSchema(id: string, outputSchema: object | undefined): object {
  const answer = { $ref: place('ToolAnswer') }
  return outputSchema ? { allOf: [answer, { properties: { structuredContent: { $ref: place(`${id}_output`) } } }] } : answer
}

const place = (schema: string): string => `#/components/schemas/${schema}`
