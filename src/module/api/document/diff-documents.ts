import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import type { ApiDocument, ApiOperation } from './api-document.ts'
import { type Narrowing, narrowings } from './schema-narrowing.ts'

/** An operation that is in both versions, and in what it differs, in sentences. */
interface OperationChange {
  readonly key: string
  readonly changes: readonly string[]
}

/** How a version of a document differs from the one before, by operation. */
export interface DocumentDiff {
  /** Keys, as in `GET /pets/{id}`. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Whoever calls it now can go on as before. */
  readonly compatible: readonly OperationChange[]
  readonly breaking: readonly OperationChange[]
  /** Whether calls that went well may fail: something breaks, or is gone. */
  readonly isBreaking: boolean
}

const MOST_CHANGES = 30

/** What happens to those who call when `after` takes the place of `before`. */
export function diffDocuments(before: ApiDocument, after: ApiDocument): DocumentDiff {
  const old = new Map(before.operations.map((each) => [each.key, each]))
  const keys = new Set(after.operations.map(({ key }) => key))
  const added = after.operations.filter(({ key }) => !old.has(key)).map(({ key }) => key)
  const removed = before.operations.filter(({ key }) => !keys.has(key)).map(({ key }) => key)
  const compatible: OperationChange[] = []
  const breaking: OperationChange[] = []
  for (const operation of after.operations) {
    const own = old.get(operation.key)
    if (!own || own.hash === operation.hash) continue
    const broken = breaks(own, operation)
    const list = broken.length > 0 ? broken : harmless(own, operation)
    const target = broken.length > 0 ? breaking : compatible
    target.push({ key: operation.key, changes: [...new Set(list)].slice(0, MOST_CHANGES) })
  }
  return { added, removed, compatible, breaking, isBreaking: removed.length > 0 || breaking.length > 0 }
}

function breaks(before: ApiOperation, after: ApiOperation): string[] {
  const found: string[] = []
  if (before.toolName !== after.toolName) found.push(`The tool is called ${after.toolName} instead of ${before.toolName}.`)
  // Another server would get the arguments and the credential.
  if (before.plan.serverUrl !== after.plan.serverUrl)
    found.push(`Requests go to ${after.plan.serverUrl || 'no server'} instead of ${before.plan.serverUrl || 'none'}.`)
  const lost = before.security.length === 0 && after.security.length > 0
  if (lost) found.push(`A credential is asked for: ${after.security.slice(0, 5).join(', ')}.`)
  const known = propertiesOf(before.inputSchema)
  found.push(...narrowings(before.inputSchema, after.inputSchema).map((each) => inputSentence(each, known)))
  return [...found, ...brokenAnswer(before.outputSchema, after.outputSchema)]
}

function inputSentence({ path, kind, detail }: Narrowing, known: JsonSchema): string {
  const name = path === '' ? 'the arguments' : path
  const isNew = !path.includes('.') && !Object.hasOwn(known, path)
  switch (kind) {
    case 'required':
      return isNew ? `Required parameter ${name} was added.` : `${name} is required.`
    case 'gone':
      return `${name} was removed.`
    case 'closed':
      return `${name} takes no further properties.`
    case 'type':
      return `The type of ${name} changed: ${detail}.`
    case 'enum':
      return detail === 'a fixed list' ? `${name} takes only the values of a list.` : `${name} no longer takes ${detail}.`
    case 'limit':
      return `${name} is limited more narrowly (${detail}).`
    case 'unclear':
      return `The arguments cannot be compared: ${detail}.`
  }
}

function brokenAnswer(before: JsonSchema | null, after: JsonSchema | null): string[] {
  if (before === null) return []
  if (after === null) return ['The answer is no longer described as an object.']
  const gone = Object.keys(propertiesOf(before)).filter((name) => !Object.hasOwn(propertiesOf(after), name))
  return [
    ...gone.map((name) => `The answer no longer has ${name}.`),
    ...narrowings(after, before)
      .filter(({ path }) => !gone.includes(path))
      .flatMap(answerSentence),
  ]
}

/** An answer that accepts more than before may hold what nobody expects. Limits of answers are no promise that anybody relies on. */
function answerSentence({ path, kind, detail }: Narrowing): string[] {
  const name = path === '' ? 'the whole' : path
  if (kind === 'required') return [`In the answer ${name} may be missing.`]
  if (kind === 'type') return [`In the answer the type of ${name} changed: ${detail.split(' → ').reverse().join(' → ')}.`]
  return []
}

const propertiesOf = ({ properties }: JsonSchema): JsonSchema => (isNode(properties) ? properties : {})

function harmless(before: ApiOperation, after: ApiOperation): string[] {
  const old = propertiesOf(before.inputSchema)
  const added = Object.keys(propertiesOf(after.inputSchema)).filter((name) => !Object.hasOwn(old, name))
  const found = added.map((name) => `Optional parameter ${name} was added.`)
  const differs = (key: keyof ApiOperation): boolean => !isDeepStrictEqual(before[key], after[key])
  if (differs('summary') || differs('description')) found.push('The description changed.')
  if (!before.isDeprecated && after.isDeprecated) found.push('It is deprecated.')
  if (added.length === 0 && differs('inputSchema'))
    found.push('The arguments are described differently, and accept what they accepted.')
  if (differs('outputSchema')) found.push('The answer is described differently, and keeps what it had.')
  if (added.length === 0 && differs('plan')) found.push('Requests are written differently.')
  return found.length > 0 ? found : ['Tags or other particulars changed.']
}
