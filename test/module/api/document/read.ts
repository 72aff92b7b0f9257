import { Fault } from '../../../../src/contract/fault.ts'
import type { ApiDocument, ApiOperation } from '../../../../src/module/api/document/api-document.ts'
import { readDocument } from '../../../../src/module/api/document/read-document.ts'

/** Read a document that refers to nothing outside itself. */
export const read = (document: unknown, more: { readonly url?: string; readonly server?: string } = {}): Promise<ApiDocument> =>
  readDocument(typeof document === 'string' ? document : JSON.stringify(document), {
    ...more,
    fetchPart: async () => {
      throw new Fault('forbidden', 'Nothing is fetched here.')
    },
  })

/** An operation that has to be there. */
export function operationOf({ operations, problems }: ApiDocument, name: string): ApiOperation {
  const found = operations.find(({ toolName }) => toolName === name)
  if (!found) throw new Error(`There is no ${name}: ${JSON.stringify(problems)}`)
  return found
}

/** A document with these paths and nothing else. */
export const withPaths = (paths: object, more: object = {}): object => ({
  openapi: '3.0.3',
  info: { title: 'Test', version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths,
  ...more,
})

/** The schema that a body's schema becomes. */
export async function bodySchema(schema: object, more: object = {}): Promise<unknown> {
  const requestBody = { content: { 'application/json': { schema } } }
  const document = await read(withPaths({ '/it': { post: { operationId: 'it', requestBody, responses: { '204': {} } } } }, more))
  const { inputSchema } = operationOf(document, 'it')
  return (inputSchema['properties'] as Record<string, unknown>)['body']
}
