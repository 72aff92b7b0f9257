import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { inside, type Site } from './site.ts'

/** Keywords beside a reference that do not change what is accepted. */
const WORDS = new Set(['title', 'description', 'summary', 'default', 'deprecated', 'example', 'examples', 'externalDocs'])
const AROUND = new Set(['nullable', 'readOnly', 'writeOnly', 'xml'])

/** The reference that a schema is, apart from words: by itself, or as the only member of `allOf`. */
export function lonelyRef(site: Site): Site | undefined {
  if (!isNode(site.value)) return undefined
  const node: JsonSchema = site.value
  const only = Array.isArray(node['allOf']) && node['allOf'].length === 1 ? inside(site, 'allOf', 0) : undefined
  const key = only ? 'allOf' : '$ref'
  const isAlone = Object.keys(node).every((each) => each === key || WORDS.has(each) || AROUND.has(each) || each.startsWith('x-'))
  const at = only ?? site
  return isAlone && isNode(at.value) && typeof at.value['$ref'] === 'string' && (!only || lonelyRef(only) === only)
    ? at
    : undefined
}
