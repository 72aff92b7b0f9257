import type { JsonSchema } from '../../../contract/tool.ts'
import type { InstalledOperation } from '../../../core/gatehouse.ts'
import { type OperationRoute, routeOf } from '../operation-routes.ts'
import { typesOf } from '../typed-query.ts'
import { type Fragment, PROBLEM_RESPONSES, WRITE_SECURITY } from './document.ts'
import { relocate } from './relocate.ts'

/** What an operation brings into the document: its path, its schemas, its example. */
export function operationFragment(installed: InstalledOperation): Fragment {
  const { name, module, operation, tool } = installed
  const route = routeOf(installed)
  const input = tool.definition.inputSchema
  return {
    paths: {
      [`/api${route.path.replace(/:(\w+)/g, '{$1}')}`]: {
        [route.method.toLowerCase()]: {
          operationId: name,
          tags: [module],
          summary: operation.summary,
          description: describe(installed),
          ...(route.method !== 'GET' && { security: WRITE_SECURITY }),
          ...parametersOf(name, input, route, operation.example.input),
          ...(route.source === 'body' && { requestBody: bodyOf(name, input, route, operation.example.input) }),
          responses: {
            200: { description: 'Done.', content: { 'application/json': { schema: { $ref: place(`${name}_output`) } } } },
            ...PROBLEM_RESPONSES,
          },
        },
      },
    },
    schemas: {
      [`${name}_input`]: relocate(input, place(`${name}_input`)),
      [`${name}_output`]: relocate(tool.definition.outputSchema ?? {}, place(`${name}_output`)),
      ...(route.source === 'body' && { [`${name}_body`]: relocate(without(input, route.pathFields), place(`${name}_body`)) }),
    },
  }
}

function describe({ name, operation }: InstalledOperation): string {
  const right = `Needs the right \`${operation.permit}\`. The same operation is the MCP tool \`${name}\`.`
  return operation.description ? `${operation.description}\n\n${right}` : right
}

function parametersOf(
  name: string,
  input: JsonSchema,
  { pathFields, source }: OperationRoute,
  example: object,
): { parameters?: object[] } {
  const properties = Object.entries((input['properties'] ?? {}) as Record<string, JsonSchema>)
  const required = (input['required'] ?? []) as string[]
  const parameters = properties.flatMap(([field, schema]) => {
    const inPath = pathFields.includes(field)
    if (!inPath && source === 'body') return []
    const reference = { $ref: `${place(`${name}_input`)}/properties/${field}` }
    const value = (example as Record<string, unknown>)[field]
    const types = typesOf(schema)
    // An object in a query is sent as JSON text.
    const asJson = types.has('object') && !types.has('string')
    return {
      name: field,
      in: inPath ? 'path' : 'query',
      required: inPath || required.includes(field),
      ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
      ...(asJson ? { content: { 'application/json': { schema: reference } } } : { schema: reference }),
      ...(value !== undefined && !asJson && { example: value }),
    }
  })
  return parameters.length > 0 ? { parameters } : {}
}

function bodyOf(name: string, input: JsonSchema, { pathFields }: OperationRoute, example: object): object {
  const required = ((input['required'] ?? []) as string[]).some((field) => !pathFields.includes(field))
  const value = Object.fromEntries(Object.entries(example).filter(([field]) => !pathFields.includes(field)))
  return {
    required,
    content: { 'application/json': { schema: { $ref: place(`${name}_body`) }, examples: { example: { value } } } },
  }
}

/** An object schema without the fields that stand in the path. */
function without(input: JsonSchema, fields: readonly string[]): JsonSchema {
  const properties = Object.entries((input['properties'] ?? {}) as object).filter(([field]) => !fields.includes(field))
  const required = ((input['required'] ?? []) as string[]).filter((field) => !fields.includes(field))
  return { ...input, properties: Object.fromEntries(properties), ...(input['required'] !== undefined && { required }) }
}

const place = (schema: string): string => `#/components/schemas/${schema}`
