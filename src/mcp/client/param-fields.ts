import type { JsonSchema } from '../../contract/tool.ts'

/** An argument that travels as a header as well. */
interface ParamField {
  /** Lower case, e.g. `mcp-param-region`. */
  readonly header: string
  /** Where the argument is: the keys that lead to it. */
  readonly path: readonly string[]
}

/** What `x-mcp-header` asks for in a schema, and what is wrong with it: sentences. */
export interface ParamFields {
  readonly fields: readonly ParamField[]
  readonly faults: readonly string[]
}

const KEYWORD = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean']
/** What stands under these is data, not a schema. */
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'example'])
/** Under these stand schemas by names of their own. */
const MAPS: ReadonlySet<string> = new Set(['patternProperties', '$defs', 'definitions', 'dependentSchemas'])
/** Deeper schemas are told off: nobody writes them, and they could exhaust the stack. */
const MAX_DEPTH = 100

/** Read the `x-mcp-header` annotations of a tool's input schema (MCP 2026-07-28, "Custom Headers from Tool Parameters"). */
export function paramFields(schema: JsonSchema): ParamFields {
  const fields: ParamField[] = []
  const faults: string[] = []
  const names = new Set<string>()

  const take = (node: JsonSchema, path: readonly string[] | undefined): void => {
    const name = node[KEYWORD]
    const where = path === undefined || path.length === 0 ? 'the schema' : path.join('.')
    if (path === undefined || path.length === 0) faults.push(`${KEYWORD} stands where only a property may have it.`)
    else if (typeof name !== 'string' || !TOKEN.test(name)) faults.push(`${KEYWORD} of ${where} is not a header name.`)
    else if (!TYPES.includes(node['type'])) faults.push(`${KEYWORD} of ${where} needs type string, integer or boolean.`)
    else if (names.has(name.toLowerCase())) faults.push(`${KEYWORD} ${name} is used twice.`)
    else {
      names.add(name.toLowerCase())
      fields.push({ header: `mcp-param-${name.toLowerCase()}`, path })
    }
  }
  /** `path` is undefined below anything but a chain of `properties`. */
  const walk = (node: unknown, path: readonly string[] | undefined, depth: number): void => {
    if (typeof node !== 'object' || node === null || faults.length > 0) return
    if (depth > MAX_DEPTH) {
      faults.push(`The schema is nested more than ${MAX_DEPTH} deep.`)
      return
    }
    if (!Array.isArray(node) && Object.hasOwn(node, KEYWORD)) take(node as JsonSchema, path)
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') for (const [name, child] of entriesOf(value)) walk(child, path && [...path, name], depth + 1)
      else if (MAPS.has(key)) for (const [, child] of entriesOf(value)) walk(child, undefined, depth + 1)
      else if (!DATA.has(key)) walk(value, undefined, depth + 1)
    }
  }
  walk(schema, [], 0)
  return { fields, faults }
}

const entriesOf = (value: unknown): readonly [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []
