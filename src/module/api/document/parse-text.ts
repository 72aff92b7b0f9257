import { CORE_SCHEMA, load, mergeTag } from 'js-yaml'
import { parseDocument } from 'yaml'
import { Fault } from '../../../contract/fault.ts'
import type { DocumentLimits } from './document-limits.ts'

/** Values that a document may have, with each alias counted as what it stands for. */
const MAX_VALUES = 4_000_000
/** Values that aliases may add to a document of YAML. */
const MAX_ALIASES = 10_000
/** Deeper than this no honest document is. */
const MAX_DEPTH = 200
/** What the slow reader is given at the most. */
const FORGIVING_BYTES = 2 * 1024 * 1024
/** Hears in a sentence what is odd about a text. */
type Warn = (message: string) => void

const SCHEMA = CORE_SCHEMA.withTags(mergeTag)

/**
 * The value that a text in JSON or YAML stands for: a tree, without loops.
 *
 * @param warn hears of a key that stands twice in YAML, where the last one counts
 * @throws Fault `too_large`; `invalid` when it is neither, an HTML page, or made to explode
 */
export function parseText(text: string, limits: DocumentLimits, warn: Warn): unknown {
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.sizeBytes) throw tooLarge(bytes, limits.sizeBytes, '')
  const bare = text.replace(/^\ufeff/, '').trimStart()
  if (bare === '') throw new Fault('invalid', 'The document is empty.')
  if (bare.startsWith('<')) {
    throw new Fault(
      'invalid',
      'This is an HTML or XML page and no OpenAPI document. Give the address of the JSON or YAML itself.',
    )
  }
  const value = /^[{[]/.test(bare) ? jsonOf(bare, bytes, limits, warn) : yamlOf(bare, bytes, limits, warn)
  requireTree(value)
  return value
}

const tooLarge = (bytes: number, most: number, of: string): Fault =>
  new Fault('too_large', `The document has ${bytes} bytes, and at most ${most}${of} are read.`)

/** YAML may begin like JSON; where it is neither, what is wrong with it as JSON is what helps. */
function jsonOf(text: string, bytes: number, limits: DocumentLimits, warn: Warn): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    try {
      return yamlOf(text, bytes, limits, warn)
    } catch {
      throw unreadable(thrown)
    }
  }
}

/** `js-yaml` is five times as fast; `yaml` forgives what real documents do, such as a closing brace that is not indented. */
function yamlOf(text: string, bytes: number, limits: DocumentLimits, warn: Warn): unknown {
  if (bytes > limits.yamlBytes) throw tooLarge(bytes, limits.yamlBytes, ' of YAML')
  try {
    return loaded(text, warn)
  } catch (thrown) {
    if (bytes > FORGIVING_BYTES || /maxDepth|maxAliases|maxTotalMergeKeys/.test(String(thrown))) throw unreadable(thrown)
    return forgivingYamlOf(text)
  }
}

function loaded(text: string, warn: Warn): unknown {
  const options = { schema: SCHEMA, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH }
  try {
    return load(text, options)
  } catch (thrown) {
    const [, line] = /^duplicated mapping key \((\d+):/.exec(String((thrown as Error).message)) ?? []
    if (line === undefined) throw thrown
    warn(`A key stands twice in the same object, at line ${line}; the last one counts, here and wherever else that is so.`)
    return load(text, { ...options, json: true })
  }
}

function forgivingYamlOf(text: string): unknown {
  try {
    const parsed = parseDocument(text, { prettyErrors: true, uniqueKeys: false, strict: false, merge: true, logLevel: 'silent' })
    const broken = parsed.errors.find(({ code }) => code !== 'BAD_INDENT')
    if (broken) throw broken
    return parsed.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    throw unreadable(thrown)
  }
}

const unreadable = (thrown: unknown): Fault => {
  const reason = String((thrown as Error).message)
    .split('\n')[0]!
    .slice(0, 200)
  return new Fault('invalid', `The document is neither JSON nor YAML: ${reason}.`)
}

/** Aliases let a value stand in several places, and within itself. */
function requireTree(root: unknown): void {
  let level = [root]
  let count = 0
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH)
      throw new Fault('invalid', `The document is nested deeper than ${MAX_DEPTH} levels, or refers to itself by an alias.`)
    count += level.length
    if (count > MAX_VALUES) throw new Fault('invalid', `The document stands for more than ${MAX_VALUES} values.`)
    level = childrenOf(level, MAX_VALUES - count)
  }
}

function childrenOf(level: readonly unknown[], most: number): unknown[] {
  const next: unknown[] = []
  for (const value of level) {
    if (typeof value !== 'object' || value === null) continue
    for (const each of Object.values(value)) next.push(each)
    if (next.length > most) break
  }
  return next
}
