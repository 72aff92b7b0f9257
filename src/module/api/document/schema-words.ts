import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import type { SchemaType } from './schema-keywords.ts'
import { valuesMeant } from './schema-types.ts'
import { type Site, textOf } from './site.ts'

/** Formats that many clients take as a keyword; they refuse others, which are told in the description instead. */
const FORMATS = new Set(['date-time', 'int32', 'int64', 'float', 'double'])
const MOST_TEXT = 400

/** Words for whoever calls: title, description, default, an example and the format. */
export function wordsOf(site: Site, type: SchemaType | null): Record<string, unknown> {
  const node = site.value as JsonSchema
  const format = typeof node['format'] === 'string' ? node['format'].slice(0, 50) : ''
  const isKnown = FORMATS.has(format) && type !== null && (format === 'date-time') === (type === 'string')
  const text = textOf(site, 'description', MOST_TEXT) || titleOf(site)
  const notes = [format === '' || isKnown ? '' : `(format: ${format})`, valuesMeant(node, type)]
  const description = [text, ...notes].filter((each) => each !== '').join(' ')
  const example = exampleOf(node)
  return {
    ...(description === '' ? {} : { description }),
    ...(isKnown ? { format } : {}),
    ...(isPlain(node['default']) ? { default: node['default'] } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  }
}

/** Generators make titles of names, which say nothing more. */
function titleOf(site: Site): string {
  const [place, name = ''] = site.pointer.split('/').slice(-2)
  const title = textOf(site, 'title', MOST_TEXT)
  return place === 'properties' && saysTheSame(title, name) ? '' : title
}

/** Whether a title is a name written for people: `Item Id` for `item_id`. */
export const saysTheSame = (title: string, name: string): boolean => lettersOf(title) === lettersOf(name)

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

function exampleOf(node: JsonSchema): unknown {
  const { example, examples } = node
  const first = example ?? (Array.isArray(examples) ? examples[0] : undefined)
  return isPlain(first) && (typeof first !== 'string' || first.length <= 100) ? first : undefined
}

/** A value that no reader of a schema could take for a schema. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 20 && value.every((each) => !Array.isArray(each) && isPlain(each))
  return value !== undefined && value !== null && !isNode(value) && (typeof value !== 'string' || value.length <= 1_000)
}
